import { customerName } from '@berth/shared/domain/names';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import {
  beginContainerRestart,
  type ContainerWish,
  closeContainers,
  endContainerRestart,
  noteReleaseFailed,
  noteReleaseStarted,
  noteReleaseSucceeded,
  type Release,
  readContainerWish,
  recordContainer,
} from '@berth/shared/store/containers';
import type { Database } from '@berth/shared/store/database';
import { replacePlacementPort } from '@berth/shared/store/placements';
import { tellOnce } from '@berth/shared/store/site-events';
import type { Containers, HealthProbe, HostPorts, Images, Networks, ObservedContainer } from './container-access.ts';
import { containerSpec, networkSpec } from './container-spec.ts';
import {
  chooseRelease,
  findCurrent,
  isRunning,
  type Observed,
  planContainer,
  runOf,
  type WantedContainer,
} from './plan-container.ts';

export interface ContainerDeps {
  db: Database;
  vault: Vault;
  hints: Hints;
  hostId: string;
  subnetPool: string;
  healthStartSeconds: number;
  containers: Containers;
  networks: Networks;
  images: Images;
  ports: HostPorts;
  probe: HealthProbe;
}

const SOON_MS = 150;
const SLOWLY_MS = 5000;

/** Everything that one look at a placement knows. */
interface Look {
  wish: ContainerWish;
  placementId: string;
  release: Release;
  fallback: Release | undefined;
  wanted: WantedContainer;
  observed: Observed;
}

/** Aspect `container`: the site's container runs on this host and answers on its health path. */
export function makeReconcileContainer(deps: ContainerDeps): Reconciler {
  return async function reconcileContainer(work) {
    const placementId = work.placementId ?? '';
    const wish = await readContainerWish(deps.db, placementId);
    if (wish.hostId !== deps.hostId) throw new BerthError('internal.unexpected', `placement of host ${wish.hostId}`);
    if (wish.siteWanted === 'deleted' || wish.placementWanted === 'gone') return leave(deps, work, wish, placementId);
    const { release, fallback } = chooseRelease(wish);
    if (!release) return again(SLOWLY_MS, 'NoRelease', 'every release has failed; deploy another image');
    const { wanted, observed } = await observe(deps, work, wish, placementId, release);
    return step(deps, work, { wish, placementId, release, fallback, wanted, observed });
  };
}

async function observe(deps: ContainerDeps, work: Work, wish: ContainerWish, placementId: string, release: Release) {
  const { signal } = work.lease;
  const name = customerName(wish.siteKey);
  const [network, digest, containers] = await Promise.all([
    deps.networks.find(name, signal),
    deps.images.find(release.image, signal),
    deps.containers.list(placementId, signal),
  ]);
  const { mark, memoryBytes, cpus } = containerSpec(wish, placementId, release, deps.vault);
  const { subnet } = networkSpec(wish, placementId, deps.subnetPool);
  const wanted: WantedContainer = {
    name,
    release: release.number,
    mark,
    memoryBytes,
    cpus,
    placementId,
    subnet,
    restartFrom: undefined,
  };
  wanted.restartFrom = await trackRestart(deps, wish, placementId, findCurrent(wanted, containers));
  return { wanted, observed: { network, hasImage: digest !== undefined, containers } };
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
): Promise<string | undefined> {
  const { wanted, started, from, done } = wish.restart;
  if (done >= wanted) return undefined;
  const runs = current && isRunning(current) ? runOf(current) : '';
  if (started < wanted) {
    await beginContainerRestart(db, placementId, wanted, runs);
    return runs;
  }
  if (runs === '' || runs === from) return from ?? '';
  await endContainerRestart(db, placementId, wanted);
  return undefined;
}

async function step(deps: ContainerDeps, work: Work, look: Look): Promise<Outcome> {
  const { containers, networks, images } = deps;
  const { wish, placementId, release, wanted, observed } = look;
  const { signal } = work.lease;
  const next = planContainer(wanted, observed);
  if (next.kind !== 'probe') await work.lease.assert();
  switch (next.kind) {
    case 'stranger':
      throw new BerthError(
        'docker.stranger',
        `a network ${wanted.name} that Berth did not make is in Docker; remove it`,
      );
    case 'remove-network':
      await networks.remove(wanted.name, signal);
      return again(0, 'NetworkChanging');
    case 'create-network':
      await networks.create(networkSpec(wish, placementId, deps.subnetPool), signal);
      return again(0, 'NetworkCreated');
    case 'pull':
      return pull(deps, work, look);
    case 'create':
      await containers.create(next.name, containerSpec(wish, placementId, release, deps.vault), signal);
      return again(0, 'ContainerCreated');
    case 'start':
      return start(deps, work, look, next.id, await images.find(release.image, signal));
    case 'stop':
    case 'remove':
    case 'restart':
      await containers[next.kind](next.id, signal);
      return again(0, 'ContainerChanging');
    case 'probe':
      return probe(deps, work, look, next.container);
  }
}

/** An image that can't be had fails the release when another one runs; the site stays as it was. */
async function pull(deps: ContainerDeps, work: Work, { wish, release, fallback }: Look): Promise<Outcome> {
  try {
    await deps.images.pull(release.image, work.lease.signal);
    return again(0, 'ImagePulled');
  } catch (error) {
    const final = error instanceof BerthError && error.code === 'image.not-found';
    if (!final || !fallback) throw error;
    await failRelease(deps, work, wish, release, 'ImageNotFound');
    return again(0, 'DeployFailed');
  }
}

async function start(
  deps: ContainerDeps,
  work: Work,
  look: Look,
  id: string,
  digest: string | undefined,
): Promise<Outcome> {
  const { db, hints, ports, containers } = deps;
  const { wish, placementId, release } = look;
  if (!(await ports.isFree(wish.port))) {
    const replaced = await replacePlacementPort(db, placementId, wish.pool);
    if (!replaced)
      return again(SLOWLY_MS, 'NoAvailablePorts', `port ${wish.port} is held by something else, and no other is free`);
    await tellOnce(db, wish.siteId, {
      type: 'port.replaced',
      aspect: 'container',
      reason: 'PortOccupied',
      message: `port ${wish.port} is held by something else; port ${replaced.placement.port} is used instead`,
      data: { from: wish.port, to: replaced.placement.port },
      causeId: work.causeId,
    });
    hints.send(replaced.hints);
    return again(0, 'PortOccupied');
  }
  await noteReleaseStarted(db, wish.siteId, release.number, digest);
  await work.lease.assert();
  await containers.start(id, work.lease.signal);
  return again(SOON_MS, 'ContainerStarting');
}

async function probe(deps: ContainerDeps, work: Work, look: Look, container: ObservedContainer): Promise<Outcome> {
  const { wish, placementId, release, fallback, wanted } = look;
  const health = await deps.probe.look(wish.port, wish.healthPath, work.lease.signal);
  await recordContainer(deps.db, placementId, {
    ...container,
    release: release.number,
    health,
    memoryLimit: `${Math.round(wish.memoryBytes / 1024 ** 2)}m`,
    cpuLimit: String(wish.cpus),
  });
  if (health === 'healthy') return finish(deps, work, look, container);
  if (wanted.restartFrom !== undefined) return again(SOON_MS, 'ContainerRestarting');
  const waited = release.startedSeconds ?? 0;
  const overdue = waited > deps.healthStartSeconds;
  if (overdue && release.outcome === 'pending' && fallback) {
    await failRelease(deps, work, wish, release, 'ContainerUnhealthy');
    return again(0, 'DeployFailed');
  }
  const message = `${wish.healthPath} on port ${wish.port} is ${health}; the image must answer there with a status of 2xx`;
  return overdue ? again(SLOWLY_MS, 'ContainerUnhealthy', message) : again(SOON_MS, 'ContainerStarting', message);
}

/** Healthy: what was before it goes, and it gets its name. */
async function finish(deps: ContainerDeps, work: Work, look: Look, container: ObservedContainer): Promise<Outcome> {
  const { containers, db } = deps;
  const { wish, release, wanted, observed } = look;
  const { signal } = work.lease;
  if (release.outcome === 'pending' || look.fallback) await noteReleaseSucceeded(db, wish.siteId, release.number);
  const other = observed.containers.find((one) => one.id !== container.id);
  if (other) {
    await work.lease.assert();
    await containers.remove(other.id, signal);
    return again(0, 'ContainerReplaced');
  }
  if (container.name !== wanted.name) {
    await work.lease.assert();
    await containers.rename(container.id, wanted.name, signal);
    return again(0, 'ContainerRenamed');
  }
  if (wanted.restartFrom !== undefined) return again(SOON_MS, 'ContainerRestarting');
  return settled('Healthy', `${release.image} answers on port ${wish.port}`);
}

async function failRelease(
  { db }: ContainerDeps,
  work: Work,
  wish: ContainerWish,
  release: Release,
  reason: string,
): Promise<void> {
  await tellOnce(db, wish.siteId, {
    type: 'release.failed',
    aspect: 'container',
    reason,
    message: `release ${release.number} (${release.image}) failed; the one before it stays`,
    data: { release: release.number },
    causeId: work.causeId,
  });
  await noteReleaseFailed(db, wish.siteId, release.number, reason);
}

async function leave(deps: ContainerDeps, work: Work, wish: ContainerWish, placementId: string): Promise<Outcome> {
  const { containers, networks, db } = deps;
  const { signal } = work.lease;
  const [first] = await containers.list(placementId, signal);
  if (first) {
    await work.lease.assert();
    await containers[isRunning(first) ? 'stop' : 'remove'](first.id, signal);
    return again(0, 'ContainerLeaving');
  }
  const name = customerName(wish.siteKey);
  const network = await networks.find(name, signal);
  if (network?.placementId === placementId) {
    await work.lease.assert();
    await networks.remove(name, signal);
    return again(0, 'NetworkLeaving');
  }
  await closeContainers(db, placementId);
  return gone('ContainerGone');
}
