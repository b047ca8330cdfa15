import type { Container } from './container.ts';
import type { ContainerEngine } from './container-engine.ts';
import { EngineError } from './engine-error.ts';
import { parseReference, toCanonical } from './image-name.ts';
import type { LocalImage } from './image-store.ts';
import type { Json } from './json.ts';

const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/**
 * `DELETE /images/{name}` by the rules of dockerd 20.10.24, measured: a name that is removed takes the digests of its repository with it
 * when no tag is left there; the image itself goes with its last name. What a container uses stays, unless there is another name.
 * @throws EngineError 404 no such image, 409 in use or with names in several repositories
 */
export function removeImage(engine: ContainerEngine, name: string, force: boolean): Json[] {
  const image = engine.images.get(name);
  const canonical = toCanonical(name);
  const users = engine.list().filter((container) => container.imageId === image.id);
  if (image.references.includes(canonical)) {
    const [user] = users;
    if (!force && isSingle(image) && user !== undefined) {
      throw new EngineError(
        409,
        `conflict: unable to remove repository reference "${canonical}" (must force) - container ${short(user.id)} is using its referenced image ${short(image.id)}`,
      );
    }
    const removed = untag(image, canonical);
    if (image.references.length > 0) return removed;
    return [...removed, ...removeUnnamed(engine, image, users, force)];
  }
  if (!isSingle(image) && image.references.length > 0 && !force) {
    throw conflict(image, 'must be forced', 'image is referenced in multiple repositories');
  }
  assertUnused(image, users, force);
  const removed = image.references.map((reference) => ({ Untagged: reference }));
  return [...removed, ...removeUnnamed(engine, image, users, force)];
}

/** Whether all names are of one repository, with one tag at most. */
function isSingle({ references }: LocalImage): boolean {
  const repositories = new Set(references.map((name) => parseReference(name).repository));
  return repositories.size === 1 && references.filter((name) => !name.includes('@')).length <= 1;
}

function untag(image: LocalImage, canonical: string): Json[] {
  const { repository, digest } = parseReference(canonical);
  const ofRepository = (name: string): boolean => parseReference(name).repository === repository;
  const rest = image.references.filter((name) => name !== canonical);
  const hasTag = rest.some((name) => ofRepository(name) && !name.includes('@'));
  const kept = digest !== undefined || hasTag ? rest : rest.filter((name) => !ofRepository(name));
  const removed = image.references.filter((name) => !kept.includes(name));
  image.references = kept;
  return removed.map((name) => ({ Untagged: name }));
}

function removeUnnamed(engine: ContainerEngine, image: LocalImage, users: Container[], force: boolean): Json[] {
  assertUnused(image, users, force);
  engine.images.forget(image);
  return [{ Deleted: image.id }];
}

function assertUnused(image: LocalImage, users: Container[], force: boolean): void {
  const running = users.find((container) => container.state.status === 'running');
  if (running) {
    throw conflict(image, 'cannot be forced', `image is being used by running container ${short(running.id)}`);
  }
  const [user] = users;
  if (user && !force) {
    throw conflict(image, 'must be forced', `image is being used by stopped container ${short(user.id)}`);
  }
}

function conflict(image: LocalImage, how: string, why: string): EngineError {
  return new EngineError(409, `conflict: unable to delete ${short(image.id)} (${how}) - ${why}`);
}
