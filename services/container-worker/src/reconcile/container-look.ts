import type { ImageAllowlist } from '@berth/shared/domain/image-allowlist';
import { customerName } from '@berth/shared/domain/names';
import type { HealthStatus } from '@berth/shared/domain/seed-status';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import {
  beginContainerRestart,
  type ContainerWish,
  endContainerRestart,
  type Release,
  recordContainers,
} from '@berth/shared/store/containers';
import type { Database } from '@berth/shared/store/database';
import type { SweepImages } from '../host/sweep-images.ts';
import type {
  Containers,
  HealthProbe,
  HostDisk,
  HostPorts,
  HostProtection,
  Images,
  Networks,
  ObservedContainer,
  SiteTurns,
} from './container-access.ts';
import { containerSpec, networkSpec } from './container-spec.ts';
import { findCurrent, isRunning, type Observed, runOf, type WantedContainer } from './plan-container.ts';
import { pinnedReference } from './release-image.ts';

/** What the container's reconciler needs. */
export interface ContainerDeps {
  db: Database;
  vault: Vault;
  hints: Hints;
  clock: Clock;
  hostId: string;
  subnetPool: string;
  /** where images may come from */
  allowlist: ImageAllowlist;
  /** how long a release on trial may take until it answers on its health path */
  healthStartSeconds: number;
  /** the least time between two lines about a pull */
  pullNewsMs: number;
  containers: Containers;
  networks: Networks;
  images: Images;
  disk: HostDisk;
  /** what must be free on that disk when a pull begins */
  minFreeBytes: number;
  sweepImages: SweepImages;
  ports: HostPorts;
  probe: HealthProbe;
  protection: HostProtection;
  /** that of the Engine behind `containers` and `networks` */
  turns: SiteTurns;
}

/** Everything that one look at a placement knows. */
export interface Look {
  wish: ContainerWish;
  placementId: string;
  release: Release;
  fallback: Release | undefined;
  wanted: WantedContainer;
  observed: Observed;
}

/** Looks at what is there of a placement, and what of it is wanted while `release` is. */
export async function lookAtContainer(
  deps: ContainerDeps,
  work: Work,
  target: Pick<Look, 'wish' | 'placementId' | 'release' | 'fallback'>,
): Promise<Look> {
  const { wish, placementId, release, fallback } = target;
  const { signal } = work.lease;
  const name = customerName(wish.siteKey);
  const pinned = pinnedReference(release);
  const [network, image, containers] = await Promise.all([
    deps.networks.find(name, signal),
    pinned === undefined ? undefined : deps.images.find(pinned, signal),
    deps.containers.list(placementId, signal),
  ]);
  const { mark, port, memoryBytes, cpus, restartPolicy } = containerSpec(wish, placementId, release, deps.vault);
  const { subnet, bridge } = networkSpec(wish, placementId, deps.subnetPool);
  const observed = { network, hasImage: image !== undefined, containers };
  const wanted: WantedContainer = {
    name,
    release: release.number,
    fallback: fallback?.number,
    mark,
    port,
    memoryBytes,
    cpus,
    restartPolicy,
    placementId,
    subnet,
    bridge,
    restartFrom: undefined,
  };
  wanted.restartFrom = await trackRestart(deps, wish, placementId, findCurrent(wanted, observed), containers);
  return { ...target, wanted, observed };
}

/**
 * A restart is fulfilled when another run is observed than the one that was noted before it was begun.
 * @returns the run that must end; undefined when no restart is wanted
 */
async function trackRestart(
  { db }: ContainerDeps,
  wish: ContainerWish,
  placementId: string,
  current: ObservedContainer | undefined,
  containers: readonly ObservedContainer[],
): Promise<string | undefined> {
  const { wanted, started, from, done } = wish.restart;
  if (done >= wanted) return undefined;
  const runs = current && isRunning(current) ? runOf(current) : '';
  if (started < wanted) {
    // What runs of another release counts too: it comes back when that of the wanted one fails, and was not restarted by that.
    const other = containers.find(isRunning);
    const before = runs || (other ? runOf(other) : '');
    await beginContainerRestart(db, placementId, wanted, before);
    return before;
  }
  if (runs === '' || runs === from) return from ?? '';
  await endContainerRestart(db, placementId, wanted);
  return undefined;
}

/** Writes what was seen into the seed's table, with what a probe found, when there was one. */
export async function recordSeen(
  { db }: ContainerDeps,
  placementId: string,
  containers: readonly ObservedContainer[],
  probed?: { id: string; health: HealthStatus },
): Promise<void> {
  await recordContainers(
    db,
    placementId,
    containers.map((one) => ({
      ...one,
      startedAt: toTime(one.startedAt),
      finishedAt: toTime(one.finishedAt),
      health: probed?.id === one.id ? probed.health : undefined,
      memoryLimit: `${Math.round(one.memoryBytes / 1024 ** 2)}m`,
      cpuLimit: String(one.cpus),
    })),
  );
}

/** Docker's word for "never" is the year 1. */
function toTime(text: string): string | undefined {
  return text.startsWith('0001-') ? undefined : text;
}
