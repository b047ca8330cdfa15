import type { ContainerWish, Release } from '@berth/shared/store/containers';
import type { ObservedContainer, ObservedNetwork } from './container-access.ts';

/** What is wanted of the placement's containers. */
export interface WantedContainer {
  /** its name once nothing else has it */
  name: string;
  release: number;
  mark: string;
  memoryBytes: number;
  cpus: number;
  placementId: string;
  subnet: string;
  /** what ran when the wanted restart was begun; undefined when none is wanted */
  restartFrom: string | undefined;
}

/** What is there. */
export interface Observed {
  network: ObservedNetwork | undefined;
  hasImage: boolean;
  containers: readonly ObservedContainer[];
}

/** What to do next: one step, after which all is looked at anew. */
export type ContainerStep =
  | { kind: 'stranger' }
  | { kind: 'remove-network' }
  | { kind: 'create-network' }
  | { kind: 'pull' }
  | { kind: 'create'; name: string }
  | { kind: 'stop' | 'remove' | 'restart'; id: string }
  /** `alone`: nothing of ours runs, so whoever holds the port is a stranger */
  | { kind: 'start'; id: string; alone: boolean }
  | { kind: 'probe'; container: ObservedContainer };

/** The latest release that hasn't failed, and the one before it that has run: what comes back if the latest fails. */
export function chooseRelease(wish: ContainerWish): { release: Release | undefined; fallback: Release | undefined } {
  const [release, ...earlier] = wish.releases;
  return { release, fallback: earlier.find((one) => one.outcome === 'running') };
}

/** What identifies one run of a container. */
export function runOf(container: ObservedContainer): string {
  return `${container.id}@${container.startedAt}`;
}

export function isRunning({ status }: ObservedContainer): boolean {
  return status === 'running' || status === 'restarting' || status === 'paused';
}

/**
 * The next step towards exactly one container, of the wanted release, made from what is wanted. A former one is stopped only when the
 * new one is there, and removed only when the new one is healthy.
 */
export function planContainer(wanted: WantedContainer, { network, hasImage, containers }: Observed): ContainerStep {
  const current = findCurrent(wanted, containers);
  const others = containers.filter((one) => one !== current);
  if (network && network.placementId !== wanted.placementId) return { kind: 'stranger' };
  if (network && network.subnet !== wanted.subnet) {
    // Its addresses belong to another slot now: everything that hangs on it is made anew.
    const [any] = containers;
    return any ? { kind: isRunning(any) ? 'stop' : 'remove', id: any.id } : { kind: 'remove-network' };
  }
  if (!network) return { kind: 'create-network' };
  if (!current) {
    if (!hasImage) return { kind: 'pull' };
    const taken = new Set(containers.map((one) => one.name));
    // A new one that was made from something else by now is in the way of the next.
    const leftover = others.find((one) => one.name === `${wanted.name}.next` && taken.has(wanted.name));
    if (leftover) return { kind: isRunning(leftover) ? 'stop' : 'remove', id: leftover.id };
    return { kind: 'create', name: taken.has(wanted.name) ? `${wanted.name}.next` : wanted.name };
  }
  if (!isRunning(current)) {
    const runningOther = others.find(isRunning);
    if (runningOther) return { kind: 'stop', id: runningOther.id };
    return { kind: 'start', id: current.id, alone: true };
  }
  if (current.status === 'paused' || runOf(current) === wanted.restartFrom) return { kind: 'restart', id: current.id };
  return { kind: 'probe', container: current };
}

/** The container that is wanted: of this release, made from the same, and not changed since. */
export function findCurrent(
  wanted: WantedContainer,
  containers: readonly ObservedContainer[],
): ObservedContainer | undefined {
  return containers.find(
    (one) =>
      one.release === wanted.release &&
      one.mark === wanted.mark &&
      one.memoryBytes === wanted.memoryBytes &&
      one.cpus === wanted.cpus,
  );
}
