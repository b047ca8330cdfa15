import type { ContainerWish, Release } from '@berth/shared/store/containers';
import type { ContainerLimits, ObservedContainer, ObservedNetwork } from './container-access.ts';

/** What is wanted of the placement's containers. */
export interface WantedContainer extends ContainerLimits {
  /** its name once nothing else has it */
  name: string;
  release: number;
  /** the release whose container comes back if this one doesn't get healthy */
  fallback: number | undefined;
  mark: string;
  placementId: string;
  subnet: string;
  bridge: string;
  /** what ran when the wanted restart was begun; undefined when none is wanted */
  restartFrom: string | undefined;
}

/** What is there. */
export interface Observed {
  network: ObservedNetwork | undefined;
  /** the image that the release means is on the host */
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
  /** `start` comes only when nothing of ours runs: whoever holds the port then is a stranger */
  | { kind: 'stop' | 'remove' | 'start' | 'restart'; id: string }
  | { kind: 'probe'; container: ObservedContainer };

/** The latest release that hasn't failed, and the one before it that has run: what comes back if the latest fails. */
export function chooseRelease(wish: Pick<ContainerWish, 'releases'>): {
  release: Release | undefined;
  fallback: Release | undefined;
} {
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
 * The Engine found it running, and hasn't seen its start: it was killed in the middle of that. Nothing carries its port then, and for all
 * that the Engine says it runs (seen with 20.10).
 */
function isFoundRunning({ status, startedAt }: ObservedContainer): boolean {
  return status === 'running' && startedAt.startsWith('0001-01-01T00:00:00');
}

/**
 * The next step towards exactly one container, of the wanted release, made from what is wanted. A former one is stopped only when the
 * new one is there, and removed only when the new one is healthy.
 */
export function planContainer(wanted: WantedContainer, observed: Observed): ContainerStep {
  const { network, hasImage, containers } = observed;
  if (network && network.placementId !== wanted.placementId) return { kind: 'stranger' };
  if (network && !isAsWanted(network, wanted)) {
    // Its addresses belong to another slot now, or the firewall doesn't meet it: everything that hangs on it is made anew.
    const [any] = containers;
    return any ? discard(any) : { kind: 'remove-network' };
  }
  if (!network) return { kind: 'create-network' };
  const current = findCurrent(wanted, observed);
  if (!current) return hasImage ? planCreation(wanted, containers) : { kind: 'pull' };
  if (current.status === 'dead') return { kind: 'remove', id: current.id };
  if (!isRunning(current)) {
    const runningOther = containers.find((one) => one !== current && isRunning(one));
    return runningOther ? { kind: 'stop', id: runningOther.id } : { kind: 'start', id: current.id };
  }
  const isToStartAnew = current.status === 'paused' || isFoundRunning(current) || runOf(current) === wanted.restartFrom;
  if (isToStartAnew) return { kind: 'restart', id: current.id };
  return { kind: 'probe', container: current };
}

function isAsWanted(network: ObservedNetwork, wanted: WantedContainer): boolean {
  return network.subnet === wanted.subnet && network.bridge === wanted.bridge && network.isIsolated;
}

/** The new one takes the name that is free; when both are taken, what is least needed makes room. */
function planCreation(wanted: WantedContainer, containers: readonly ObservedContainer[]): ContainerStep {
  const free = [wanted.name, `${wanted.name}.next`].find((name) => containers.every((one) => one.name !== name));
  if (free !== undefined) return { kind: 'create', name: free };
  const needless = containers.filter((one) => one.release !== wanted.fallback);
  const among = needless.length > 0 ? needless : containers;
  const [first] = among;
  const least = among.find((one) => !isRunning(one)) ?? first;
  if (!least) throw new Error('both names are taken and there is no container');
  return discard(least);
}

/** What runs is given the time to end by itself. */
function discard(container: ObservedContainer): ContainerStep {
  return { kind: isRunning(container) ? 'stop' : 'remove', id: container.id };
}

/**
 * The container that is wanted: of this release, made from the same, not changed since, and on the network that is there now, on no
 * other.
 */
export function findCurrent(
  wanted: WantedContainer,
  { network, containers }: Pick<Observed, 'network' | 'containers'>,
): ObservedContainer | undefined {
  return containers.find(
    (one) =>
      one.release === wanted.release &&
      one.mark === wanted.mark &&
      one.port === wanted.port &&
      one.memoryBytes === wanted.memoryBytes &&
      one.cpus === wanted.cpus &&
      one.restartPolicy === wanted.restartPolicy &&
      isOnlyOn(one, wanted.name, network),
  );
}

/** A container knows its network by an id, which it gets with its first start: made anew, the network is another one. */
function isOnlyOn({ networks }: ObservedContainer, name: string, network: ObservedNetwork | undefined): boolean {
  const id = networks[name];
  return Object.keys(networks).length === 1 && id !== undefined && (id === '' || id === network?.id);
}
