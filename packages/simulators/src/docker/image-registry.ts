import { createHash } from 'node:crypto';
import { EngineError } from './engine-error.ts';
import type { ImageBehaviour } from './image-behaviour.ts';
import { parseReference, registryOf } from './image-name.ts';

/** An image as a registry has it, the same under each of its names. */
export interface Image {
  id: string;
  digest: string;
  behaviour: ImageBehaviour;
}

/** Who may pull from a registry, as the Engine passes it on. */
export interface RegistryLogin {
  username: string;
  password: string;
}

/** A repository: an image stays under its digest after its tag went on to another one. */
interface Repository {
  tags: Map<string, Image>;
  digests: Map<string, Image>;
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** All registries that the Engine can reach, with what was published there. */
export class ImageRegistry {
  readonly #repositories = new Map<string, Repository>();
  readonly #logins = new Map<string, RegistryLogin>();
  readonly #limited = new Set<string>();
  /** with which words downloads end before they are done */
  broken: string | undefined;

  constructor(images: Readonly<Record<string, ImageBehaviour>>) {
    for (const [reference, behaviour] of Object.entries(images)) {
      this.publish(reference, behaviour);
    }
  }

  /** Puts an image into its registry, as a push does: under a name that is there already it is another image. */
  publish(reference: string, behaviour: ImageBehaviour): void {
    const { repository, tag = 'latest' } = parseReference(reference);
    const full = `${repository}:${tag}`;
    const before = this.#repositories.get(repository)?.tags.get(tag);
    const content = before === undefined ? full : `${full} after ${before.digest}`;
    this.#put(repository, tag, { id: sha256(`image ${content}`), digest: sha256(content), behaviour });
  }

  /** Puts what is under one name under another one too, as a copy between registries does. @throws EngineError 404 */
  copy(from: string, to: string): void {
    const { repository, tag = 'latest' } = parseReference(to);
    const image = this.#find(from);
    if (image === undefined) throw new EngineError(404, `nothing is published as ${from}`);
    this.#put(repository, tag, image);
  }

  /** From now on a registry wants this login; none when undefined. */
  requireLogin(registry: string, login: RegistryLogin | undefined): void {
    if (login === undefined) this.#logins.delete(registry);
    else this.#logins.set(registry, login);
  }

  /** Whether a registry refuses pulls because there were too many. */
  limit(registry: string, limited: boolean): void {
    if (limited) this.#limited.add(registry);
    else this.#limited.delete(registry);
  }

  /** Whether a reference is published, whoever asks. */
  has(reference: string): boolean {
    return this.#find(reference) !== undefined;
  }

  /**
   * What a registry gives for a reference. Statuses and words are those of dockerd 20.10.24 in front of registries that answer as the
   * distribution specification says, measured; it passes on the registry's own error code, and its HTTP status never.
   * @throws EngineError 404 or 500
   */
  get(reference: string, login: RegistryLogin | undefined): Image {
    const { repository, tag = 'latest', digest } = parseReference(reference);
    const registry = registryOf(repository);
    this.#admit(registry, `${repository.slice(registry === 'docker.io' ? 0 : registry.length + 1)}`, tag, login);
    const image = this.#find(reference);
    if (image !== undefined) return image;
    if (this.#repositories.has(repository)) {
      const named = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
      if (registry !== 'docker.io') throw new EngineError(500, 'manifest unknown');
      throw new EngineError(404, `manifest for ${named} not found: manifest unknown: manifest unknown`);
    }
    if (registry === 'docker.io') throw denied(repository);
    throw new EngineError(500, 'name unknown');
  }

  /** @throws EngineError when the registry refuses whoever asks, or all */
  #admit(registry: string, path: string, tag: string, given: RegistryLogin | undefined): void {
    const login = this.#logins.get(registry);
    if (login !== undefined && given === undefined) {
      if (registry === 'docker.io') throw denied(path);
      throw new EngineError(500, `Head "https://${registry}/v2/${path}/manifests/${tag}": no basic auth credentials`);
    }
    if (login !== undefined && (login.username !== given?.username || login.password !== given.password)) {
      throw new EngineError(500, 'unauthorized: authentication required');
    }
    if (this.#limited.has(registry)) {
      throw new EngineError(
        500,
        'toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
      );
    }
  }

  #find(reference: string): Image | undefined {
    const { repository, tag = 'latest', digest } = parseReference(reference);
    const found = this.#repositories.get(repository);
    return digest === undefined ? found?.tags.get(tag) : found?.digests.get(digest);
  }

  #put(name: string, tag: string, image: Image): void {
    const repository = this.#repositories.get(name) ?? { tags: new Map(), digests: new Map() };
    this.#repositories.set(name, repository);
    repository.tags.set(tag, image);
    repository.digests.set(image.digest, image);
  }
}

/** Docker Hub tells nobody whether a repository is private or isn't there. */
function denied(repository: string): EngineError {
  return new EngineError(
    404,
    `pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  );
}
