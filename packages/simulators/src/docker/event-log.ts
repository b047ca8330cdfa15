import { type Container, toLabels } from './container.ts';
import { nowNanos } from './engine-time.ts';
import type { Json } from './json.ts';
import type { NetworkStore } from './network-store.ts';

export interface EngineEvent {
  type: 'container' | 'network' | 'image';
  action: string;
  id: string;
  attributes: Record<string, string>;
  nanos: bigint;
}

/** The Engine's events: the last 256 for `since`, and whoever listens. */
export class EventLog {
  readonly #kept: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  emit(event: Omit<EngineEvent, 'nanos'>): void {
    const stamped = { ...event, nanos: nowNanos() };
    this.#kept.push(stamped);
    if (this.#kept.length > 256) {
      this.#kept.shift();
    }
    for (const listener of this.#listeners) {
      listener(stamped);
    }
  }

  emitAll(events: ReadonlyArray<Omit<EngineEvent, 'nanos'>>): void {
    for (const event of events) {
      this.emit(event);
    }
  }

  /** Events from a time on, oldest first. */
  since(nanos: bigint): EngineEvent[] {
    return this.#kept.filter((event) => event.nanos >= nanos);
  }

  /** Gives a function that ends the subscription. */
  listen(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** What happened to a container, with its labels as attributes. */
export function toContainerEvent(
  container: Container,
  action: string,
  more: Record<string, string>,
): Omit<EngineEvent, 'nanos'> {
  const labels = Object.fromEntries(Object.entries(toLabels(container)).map(([key, value]) => [key, String(value)]));
  return {
    type: 'container',
    action,
    id: container.id,
    attributes: { ...labels, image: container.imageReference, name: container.name, ...more },
  };
}

/** A container that joined or left its networks. */
export function toEndpointEvents(
  container: Container,
  networks: NetworkStore,
  action: 'connect' | 'disconnect',
): Array<Omit<EngineEvent, 'nanos'>> {
  return Object.values(container.networkIds ?? {}).map((id) => {
    const { name = '', driver: type = '' } = networks.find(id) ?? {};
    return { type: 'network', action, id, attributes: { container: container.id, name, type } };
  });
}

/** One line of `GET /events`. Its nanoseconds are exact, as the Engine's: more digits than a JavaScript number holds. */
export function toEventMessage(event: EngineEvent): string {
  const legacy =
    event.type === 'container'
      ? { status: event.action, id: event.id, from: event.attributes.image ?? '' }
      : event.type === 'image'
        ? { status: event.action, id: event.id }
        : {};
  const message: Json = {
    ...legacy,
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.id, Attributes: event.attributes },
    scope: 'local',
    time: Number(event.nanos / 1_000_000_000n),
  };
  return `${JSON.stringify(message).slice(0, -1)},"timeNano":${event.nanos}}`;
}
