import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type Docker from 'dockerode';

/** Something happened to a container of ours. */
export interface ContainerEvent {
  placementId: string;
  action: 'die' | 'oom' | 'stop' | 'destroy';
  /** Docker's own time of it, in nanoseconds */
  at: string;
}

interface Following {
  docker: Docker;
  clock: Clock;
  log: Log;
  take(event: ContainerEvent): void;
  /** Docker was away, and is back. */
  onBack(): void;
}

const ACTIONS = ['die', 'oom', 'stop', 'destroy'] as const;
const PLACEMENT = 'berth.placement';
const RETRY_MS = 1000;

/** What is being followed. */
export interface FollowedDocker {
  /** whether it tells at the moment */
  isFollowing(): boolean;
  stop(): Promise<void>;
}

/**
 * Follows what Docker tells of our containers, for ever; what was told while the connection was lost is asked for when it is back.
 * Nothing depends on it: a sweep finds what no event told of.
 */
export function followDocker({ docker, clock, log, take, onBack }: Following): FollowedDocker {
  const stopped = new AbortController();
  let since: string | undefined;
  let lost = false;
  // Until the first try has failed there is nothing to say.
  let following = true;

  async function follow(): Promise<void> {
    const filters = { type: ['container'], event: [...ACTIONS], label: [PLACEMENT] };
    const stream = (await docker.getEvents({
      filters,
      ...(since !== undefined && { since }),
      abortSignal: stopped.signal,
    } as Docker.GetEventsOptions)) as Readable;
    if (lost) onBack();
    lost = false;
    following = true;
    const lines = createInterface({ input: stream });
    // A stream that is cut has no end: it's only closed.
    stream.once('error', () => undefined);
    stream.once('close', () => lines.close());
    const end = () => stream.destroy();
    stopped.signal.addEventListener('abort', end, { once: true });
    if (stopped.signal.aborted) end();
    try {
      for await (const line of lines) hear(line);
    } finally {
      following = false;
      stopped.signal.removeEventListener('abort', end);
      end();
    }
  }

  function hear(line: string): void {
    const told = JSON.parse(line) as { Action: string; Actor: { Attributes: Record<string, string> } };
    const at = nanosOf(line);
    since = afterNanos(at);
    const action = ACTIONS.find((name) => name === told.Action);
    const placementId = told.Actor.Attributes[PLACEMENT];
    if (action && placementId) take({ placementId, action, at });
  }

  async function live(): Promise<void> {
    while (!stopped.signal.aborted) {
      await follow().catch((error: unknown) => {
        if (!stopped.signal.aborted) log.debug({ err: messageOf(error) }, 'Docker tells nothing, trying again');
      });
      lost = true;
      await clock.wait(RETRY_MS, stopped.signal).catch(() => undefined);
    }
  }

  const running = live();
  return {
    isFollowing: () => following,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** The number is too long for JSON.parse. */
function nanosOf(line: string): string {
  return /"timeNano":(\d+)/.exec(line)?.[1] ?? '0';
}

/** The moment after it, as Docker wants it: seconds, with nine decimals. */
function afterNanos(nanos: string): string {
  const next = String(BigInt(nanos) + 1n).padStart(10, '0');
  return `${next.slice(0, -9)}.${next.slice(-9)}`;
}
