import { readImageName } from '@berth/shared/domain/image-name';
import { again, type Outcome } from '@berth/shared/domain/outcome';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import { openRegistryLogin, type RegistryLogin } from '@berth/shared/runtime/registry-login';
import { noteReleaseImage, type Release } from '@berth/shared/store/containers';
import { findRegistryLogin } from '@berth/shared/store/registries';
import { checkImage } from './check-image.ts';
import type { LocalImage } from './container-access.ts';
import type { ContainerDeps, Look } from './container-look.ts';
import { ensureSpace } from './ensure-space.ts';
import { chooseDigest, isLocalOnly, pinnedReference } from './release-image.ts';
import { tellPull, tellResolved } from './tell-pull.ts';

/**
 * Brings the release's image to the host. Which image its name means is asked once and written down; from then on, on every host and
 * after every restart, that one counts, wherever the name goes. A deploy of the same name asks anew.
 */
export async function obtainImage(deps: ContainerDeps, work: Work, look: Look): Promise<Outcome> {
  const { wish, release } = look;
  checkImage(deps.allowlist, release);
  const pinned = pinnedReference(release);
  if (pinned === undefined) {
    const image = (await findOrdered(deps, work, release)) ?? (await pullNamed(deps, work, look));
    const digest = chooseDigest(release.image, image);
    await noteReleaseImage(deps.db, wish.siteId, release.number, digest);
    await tellResolved(deps, work, look, digest);
    return again(0, 'ImagePulled');
  }
  await pullImage(deps, work, look, isLocalOnly(release) ? release.image : pinned);
  if (isLocalOnly(release) && !(await deps.images.find(pinned, work.lease.signal))) {
    const message = `release ${release.number} means an image that was loaded on its host by hand (${pinned}); load it here, or deploy again`;
    throw new BerthError('image.not-found', message);
  }
  return again(0, 'ImagePulled');
}

/** What a container of the release is made from. An image of no registry is called by its name while that means it. */
export async function creationReference({ images }: ContainerDeps, work: Work, release: Release): Promise<string> {
  const pinned = pinnedReference(release) ?? release.image;
  if (!isLocalOnly(release)) return pinned;
  const named = await images.find(release.image, work.lease.signal);
  return named?.id === pinned ? release.image : pinned;
}

/** An order takes what the host has under its name, so that many of the same image don't meet the registry's limits. */
async function findOrdered({ images }: ContainerDeps, work: Work, { number, image }: Release) {
  return number === 1 ? images.find(image, work.lease.signal) : undefined;
}

/** An image that was never in a registry, but loaded on the host, is as good. */
async function pullNamed(deps: ContainerDeps, work: Work, look: Look): Promise<LocalImage> {
  const { image } = look.release;
  const { signal } = work.lease;
  try {
    await pullImage(deps, work, look, image);
  } catch (error) {
    const local = isBerthError(error) ? await deps.images.find(image, signal) : undefined;
    const isLoaded = local && (local.digests.length === 0 || isBerthError(error, 'image.not-found'));
    if (!isLoaded) throw error;
    return local;
  }
  const pulled = await deps.images.find(image, signal);
  if (!pulled) throw new BerthError('image.not-found', `image ${image} was pulled and is gone again`);
  return pulled;
}

async function pullImage(deps: ContainerDeps, work: Work, look: Look, reference: string): Promise<void> {
  const login = await findLogin(deps, readImageName(reference).registry);
  await ensureSpace(deps, work, reference);
  const { onProgress, told } = tellPull(deps, work, look);
  await work.lease.assert();
  try {
    await deps.images.pull(reference, { login, onProgress }, work.lease.signal);
  } finally {
    await told();
  }
}

/** A login is read for the moment of the pull, that of the image's registry alone; the host keeps none. */
async function findLogin({ db, vault }: ContainerDeps, registry: string): Promise<RegistryLogin | undefined> {
  const sealed = await findRegistryLogin(db, registry);
  if (sealed === undefined) return undefined;
  try {
    return openRegistryLogin(vault, registry, sealed);
  } catch (cause) {
    const message = `this host cannot read the login stored for ${registry}; store it again with PUT /v1/registries/${registry}`;
    throw new BerthError('image.access-denied', message, { cause });
  }
}
