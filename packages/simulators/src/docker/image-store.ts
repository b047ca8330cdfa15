import { createHash } from 'node:crypto';
import { EngineError } from './engine-error.ts';
import { noTime } from './engine-time.ts';
import type { ImageBehaviour } from './image-behaviour.ts';
import type { Json } from './json.ts';

export interface Image {
  /** familiar form with its tag: `berth-demo/site:1` */
  reference: string;
  id: string;
  digest: string;
  behaviour: ImageBehaviour;
}

interface ParsedReference {
  repository: string;
  tag: string | undefined;
  digest: string | undefined;
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** Splits a reference as Docker does: Docker Hub's own prefixes are dropped, a colon before a slash belongs to the registry's port. */
export function parseReference(reference: string): ParsedReference {
  const [name = '', digest] = reference.split('@', 2);
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const repository = (colon < 0 ? name : name.slice(0, colon)).replace(/^(index\.)?docker\.io\//, '');
  return {
    repository: repository.replace(/^library\//, ''),
    tag: colon < 0 ? undefined : name.slice(colon + 1),
    digest,
  };
}

/** A registry with a fixed set of images, and those of them that were pulled. */
export class ImageStore {
  readonly #registry = new Map<string, Image>();
  /** what was pulled, by id; one whose name went on to another image stays, as it does on a real host */
  readonly #local = new Map<string, Image>();
  readonly #tags = new Map<string, Image>();

  constructor(images: Readonly<Record<string, ImageBehaviour>>) {
    for (const [reference, behaviour] of Object.entries(images)) {
      this.publish(reference, behaviour);
    }
  }

  /** Puts an image into the registry, as a push does: under a name that is there already it is another image. */
  publish(reference: string, behaviour: ImageBehaviour): void {
    const { repository, tag = 'latest' } = parseReference(reference);
    const full = `${repository}:${tag}`;
    const before = this.#registry.get(full);
    const content = before === undefined ? full : `${full} after ${before.digest}`;
    this.#registry.set(full, { reference: full, id: sha256(`image ${content}`), digest: sha256(content), behaviour });
  }

  /** The pulled image that a name, digest reference, id or short id means. */
  find(reference: string): Image | undefined {
    const local = this.list();
    const bare = reference.replace(/^sha256:/, '');
    return (
      this.#named(reference, local) ??
      (/^[0-9a-f]{12,64}$/.test(bare)
        ? [...this.#local.values()].find((image) => image.id.startsWith(`sha256:${bare}`))
        : undefined)
    );
  }

  /** @throws EngineError 404 with the Engine's words */
  get(reference: string): Image {
    const image = this.find(reference);
    if (image === undefined) {
      const { repository, tag, digest } = parseReference(reference);
      const named = digest === undefined ? `${repository}:${tag ?? 'latest'}` : `${repository}@${digest}`;
      throw new EngineError(404, `No such image: ${named}`);
    }
    return image;
  }

  /** What a registry has under this reference. @throws EngineError 404: unknown repository, or unknown tag of a known one */
  getRemote(reference: string): Image {
    const image = this.#named(reference, [...this.#registry.values()]);
    if (image !== undefined) {
      return image;
    }
    const { repository, tag = 'latest', digest } = parseReference(reference);
    const known = [...this.#registry.values()].some(
      (entry) => parseReference(entry.reference).repository === repository,
    );
    const named = digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
    throw new EngineError(
      404,
      known
        ? `manifest for ${named} not found: manifest unknown: manifest unknown`
        : `pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    );
  }

  keep(image: Image): void {
    this.#local.set(image.id, image);
    this.#tags.set(image.reference, image);
  }

  has(image: Image): boolean {
    return this.#tags.get(image.reference)?.id === image.id;
  }

  forget(image: Image): void {
    this.#local.delete(image.id);
    this.#tags.delete(image.reference);
  }

  list(): Image[] {
    return [...this.#tags.values()];
  }

  #named(reference: string, among: Image[]): Image | undefined {
    const { repository, tag = 'latest', digest } = parseReference(reference);
    return among.find((image) =>
      digest === undefined
        ? image.reference === `${repository}:${tag}`
        : image.digest === digest && parseReference(image.reference).repository === repository,
    );
  }
}

/** The image as `GET /images/{name}/json` answers it. */
export function toImageInspect(image: Image): Json {
  const { repository } = parseReference(image.reference);
  return {
    Id: image.id,
    RepoTags: [image.reference],
    RepoDigests: [`${repository}@${image.digest}`],
    Parent: '',
    Comment: '',
    Created: '2026-01-01T00:00:00Z',
    DockerVersion: '20.10.24',
    Config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
      Cmd: ['/app/server'],
      ExposedPorts: { [`${image.behaviour.port ?? 3000}/tcp`]: {} },
      Labels: null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: 12_000_000,
    VirtualSize: 12_000_000,
    RootFS: { Type: 'layers', Layers: [image.digest] },
    Metadata: { LastTagTime: noTime },
  };
}

/** The image as `GET /images/json` lists it. */
export function toImageSummary(image: Image): Json {
  const { repository } = parseReference(image.reference);
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: [image.reference],
    RepoDigests: [`${repository}@${image.digest}`],
    Created: 1_767_225_600,
    Size: 12_000_000,
    SharedSize: -1,
    VirtualSize: 12_000_000,
    Labels: null,
    Containers: -1,
  };
}
