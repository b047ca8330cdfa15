import { again, type Outcome, settled } from '@berth/shared/domain/outcome';
import { type BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import {
  noteReleaseFailed,
  noteReleaseStarted,
  noteReleaseSucceeded,
  type Release,
} from '@berth/shared/store/containers';
import { replacePlacementPort } from '@berth/shared/store/placements';
import { tellOnce } from '@berth/shared/store/site-events';
import type { ObservedContainer } from './container-access.ts';
import { type ContainerDeps, type Look, recordSeen } from './container-look.ts';

/** between two looks at a container that starts */
const SOON_MS = { least: 5, most: 500 } as const;
const SLOWLY_MS = 5000;
/** a daemon that restarts is back within this time */
const START_TRIES_SECONDS = 15;

/** Starts a container on its port, or takes another port when a stranger holds it. */
export async function startOnPort(deps: ContainerDeps, work: Work, look: Look, id: string): Promise<Outcome> {
  const { wish, release } = look;
  if (!(await deps.ports.isFree(wish.port))) {
    return changePort(deps, work, look, {
      reason: 'PortOccupied',
      message: `port ${wish.port} is held by something else`,
    });
  }
  await noteReleaseStarted(deps.db, wish.siteId, release.number);
  await work.lease.assert();
  try {
    await deps.containers.start(id, work.lease.signal);
  } catch (error) {
    if (!isBerthError(error, 'docker.refused')) throw error;
    return notStarted(deps, work, look, id, error);
  }
  return again(SOON_MS.least, 'ContainerStarting');
}

/**
 * What didn't start is made anew: a daemon that ended in the middle of it leaves halves behind that it trips over for ever (seen: "task …
 * already exists"). An image that doesn't start again and again fails its release when another one has run.
 */
async function notStarted(
  deps: ContainerDeps,
  work: Work,
  look: Look,
  id: string,
  error: BerthError,
): Promise<Outcome> {
  const { release, fallback } = look;
  await work.lease.assert();
  await deps.containers.remove(id, work.lease.signal);
  const isHopeless = (release.startedSeconds ?? 0) > START_TRIES_SECONDS;
  if (isHopeless && release.outcome === 'pending' && fallback) {
    return failRelease(deps, work, look, 'ContainerNotStarted');
  }
  throw error;
}

/** Takes another port, and with it another slot, of this host. */
export async function changePort(
  { db, hints, hostId }: ContainerDeps,
  work: Work,
  { wish, placementId }: Pick<Look, 'wish' | 'placementId'>,
  why: { reason: string; message: string },
): Promise<Outcome> {
  if (wish.portWished) {
    const message = `port ${wish.port} was asked for, and on host ${hostId} ${why.message}; mend that, and Berth goes on`;
    return again(SLOWLY_MS, 'WishedPortOccupied', message);
  }
  const replaced = await replacePlacementPort(db, placementId, wish.pool);
  if (!replaced) return again(SLOWLY_MS, 'NoAvailablePorts', `${why.message}, and no other port is free`);
  await tellOnce(db, wish.siteId, {
    type: 'port.replaced',
    aspect: 'container',
    reason: why.reason,
    message: `${why.message}; port ${replaced.placement.port} is used instead`,
    data: { from: wish.port, to: replaced.placement.port },
    causeId: work.causeId,
  });
  hints.send(replaced.hints);
  return again(0, why.reason);
}

/** Probes the container that runs, and judges its release by that. */
export async function probeContainer(
  deps: ContainerDeps,
  work: Work,
  look: Look,
  container: ObservedContainer,
): Promise<Outcome> {
  const { wish, placementId, release, fallback, observed } = look;
  const health = await deps.probe.look(wish.port, wish.healthPath, work.lease.signal);
  await recordSeen(deps, placementId, observed.containers, { id: container.id, health });
  if (health === 'healthy') return finish(deps, work, look, container);
  const overdue = (release.startedSeconds ?? 0) > deps.healthStartSeconds;
  if (overdue && release.outcome === 'pending' && fallback) return failRelease(deps, work, look, 'ContainerUnhealthy');
  const message = `${wish.healthPath} on port ${wish.port} is ${health}; the image must answer there with a status of 2xx`;
  return overdue
    ? again(SLOWLY_MS, 'ContainerUnhealthy', message)
    : again(soonMs(release), 'ContainerStarting', message);
}

/** A fast container is found healthy at once, and a slow one isn't asked without end: the longer it takes, the seldomer. */
function soonMs({ startedSeconds }: Release): number {
  return Math.min(SOON_MS.most, Math.max(SOON_MS.least, (startedSeconds ?? 0) * 250));
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
  return settled('Healthy', `${release.image} answers on port ${wish.port}`);
}

/** The release before it counts again. */
export async function failRelease({ db }: ContainerDeps, work: Work, look: Look, reason: string): Promise<Outcome> {
  const { wish, release } = look;
  await tellOnce(db, wish.siteId, {
    type: 'release.failed',
    aspect: 'container',
    reason,
    message: `release ${release.number} (${release.image}) failed; the one before it stays`,
    data: { release: release.number },
    causeId: work.causeId,
  });
  await noteReleaseFailed(db, wish.siteId, release.number, reason);
  return again(0, 'DeployFailed');
}
