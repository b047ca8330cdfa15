import { customerName } from '@berth/shared/domain/names';
import { again, gone, type Outcome } from '@berth/shared/domain/outcome';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import { reasonOf } from '@berth/shared/errors/catalogue';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import { type ContainerWish, noteReleaseStarted, readContainerWish } from '@berth/shared/store/containers';
import { checkImage } from './check-image.ts';
import { type ContainerDeps, type Look, lookAtContainer, recordSeen } from './container-look.ts';
import { containerSpec, networkSpec } from './container-spec.ts';
import { creationReference, obtainImage } from './obtain-image.ts';
import { type ContainerStep, chooseRelease, isRunning, planContainer } from './plan-container.ts';
import { changePort, failRelease, probeContainer, startOnPort } from './release-steps.ts';

const SLOWLY_MS = 5000;

/** After these the next look follows at once, without handing the condition back in between; each once, so that none runs in circles. */
const ON_THE_WAY = ['NetworkCreated', 'ImagePulled', 'ContainerCreated'];

/** Aspect `container`: the site's container runs on this host and answers on its health path. */
export function makeReconcileContainer(deps: ContainerDeps): Reconciler {
  return function reconcileContainer(work) {
    return deps.turns.keep(async () => {
      for (const passed = new Set<string>(); ; ) {
        const outcome = await lookAndStep(deps, work);
        if (!ON_THE_WAY.includes(outcome.reason) || passed.has(outcome.reason)) return outcome;
        passed.add(outcome.reason);
      }
    });
  };
}

/** One look at what is wanted and what is there, and one step. */
async function lookAndStep(deps: ContainerDeps, work: Work): Promise<Outcome> {
  const placementId = work.placementId ?? '';
  const wish = await readContainerWish(deps.db, placementId);
  if (wish.hostId !== deps.hostId) throw new BerthError('internal.unexpected', `placement of host ${wish.hostId}`);
  if (wish.siteWanted === 'deleted' || wish.placementWanted === 'gone') return leave(deps, work, wish, placementId);
  const { release, fallback } = chooseRelease(wish);
  if (!release) return again(SLOWLY_MS, 'NoRelease', 'every release has failed; deploy another image');
  return step(deps, work, await lookAtContainer(deps, work, { wish, placementId, release, fallback }));
}

/** On a host that isn't kept from its containers, none is made or started; what runs is left alone. */
const EXPOSING: readonly ContainerStep['kind'][] = ['create-network', 'create', 'start'];

/** Others needn't wait for these: they take as long as a registry or a program that ends. */
const SLOW: readonly ContainerStep['kind'][] = ['pull', 'restart', 'stop'];

async function step(deps: ContainerDeps, work: Work, look: Look): Promise<Outcome> {
  const { containers, networks } = deps;
  const { wish, placementId, release, wanted, observed } = look;
  const { signal } = work.lease;
  const next = planContainer(wanted, observed);
  if (next.kind === 'probe') return probeContainer(deps, work, look, next.container);
  await recordSeen(deps, placementId, observed.containers);
  if (EXPOSING.includes(next.kind)) await deps.protection.assert(signal);
  if (SLOW.includes(next.kind)) deps.turns.giveBack();
  await work.lease.assert();
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
      return createNetwork(deps, work, look);
    case 'pull':
      return obtain(deps, work, look);
    case 'create':
      checkImage(deps.allowlist, release);
      await containers.create(
        next.name,
        {
          ...containerSpec(wish, placementId, release, deps.vault),
          image: await creationReference(deps, work, release),
        },
        signal,
      );
      return again(0, 'ContainerCreated');
    case 'start':
      return startOnPort(deps, work, look, next.id);
    case 'restart':
      await noteReleaseStarted(deps.db, wish.siteId, release.number);
      await containers.restart(next.id, signal);
      return again(0, 'ContainerRestarting');
    case 'stop':
    case 'remove':
      await containers[next.kind](next.id, signal);
      return again(0, 'ContainerChanging');
  }
}

/** Another slot is taken where somebody else's network has the slot's addresses, such as that of a site which a restored backup doesn't know. */
async function createNetwork(deps: ContainerDeps, work: Work, look: Look): Promise<Outcome> {
  const { wish, placementId } = look;
  try {
    await deps.networks.create(networkSpec(wish, placementId, deps.subnetPool), work.lease.signal);
  } catch (error) {
    if (!isBerthError(error, 'docker.addresses-lost', 'docker.addresses-taken')) throw error;
    const reason = error.code === 'docker.addresses-lost' ? 'AddressesLost' : 'AddressesTaken';
    return changePort(deps, work, look, { reason, message: error.message });
  }
  return again(0, 'NetworkCreated');
}

/**
 * An image that can't be had whoever waits fails the release when another one has run; the site stays as it was. While it can't be had for
 * another reason, what has run is kept running.
 */
async function obtain(deps: ContainerDeps, work: Work, look: Look): Promise<Outcome> {
  const { fallback } = look;
  try {
    return await obtainImage(deps, work, look);
  } catch (error) {
    if (!fallback) throw error;
    if (isBerthError(error, 'image.not-found', 'image.access-denied', 'image.not-allowed')) {
      return failRelease(deps, work, look, reasonOf(error.code));
    }
    await step(deps, work, await lookAtContainer(deps, work, { ...look, release: fallback, fallback: undefined }));
    throw error;
  }
}

/** Takes the container and its network away, and closes their rows when they were observed absent. */
async function leave(deps: ContainerDeps, work: Work, wish: ContainerWish, placementId: string): Promise<Outcome> {
  const { containers, networks } = deps;
  const { signal } = work.lease;
  const found = await containers.list(placementId, signal);
  await recordSeen(deps, placementId, found);
  const [first] = found;
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
  return gone('ContainerGone');
}
