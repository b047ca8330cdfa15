import { EngineError } from './engine-error.ts';
import { parseReference, toCanonical } from './image-name.ts';
import type { Image, ImageRegistry } from './image-registry.ts';

/** An image on the host, with all names that it has there: `site:1` and `site@sha256:…`. */
export interface LocalImage extends Image {
  references: string[];
}

/** The images of the host. */
export class ImageStore {
  readonly registry: ImageRegistry;
  readonly #local = new Map<string, LocalImage>();

  constructor(registry: ImageRegistry) {
    this.registry = registry;
  }

  list(): LocalImage[] {
    return [...this.#local.values()];
  }

  /** The image that a name, digest reference, id or short id means. */
  find(reference: string): LocalImage | undefined {
    const named = toCanonical(reference);
    return this.list().find(({ references }) => references.includes(named)) ?? this.findById(reference);
  }

  /** The image that an id or the beginning of one means. */
  findById(text: string): LocalImage | undefined {
    const bare = text.replace(/^sha256:/, '');
    if (!/^[0-9a-f]{12,64}$/.test(bare)) return undefined;
    return this.list().find(({ id }) => id.startsWith(`sha256:${bare}`));
  }

  /** @throws EngineError 404 with the Engine's words */
  get(reference: string): LocalImage {
    const image = this.find(reference);
    if (image === undefined) throw new EngineError(404, `No such image: ${toCanonical(reference)}`);
    return image;
  }

  /** Whether this image is here under this name. */
  has(image: Image, reference: string): boolean {
    return this.#local.get(image.id)?.references.includes(toCanonical(reference)) ?? false;
  }

  /** Takes a pulled image in: under its digest, and under its tag, which any other image then loses. */
  keep(image: Image, reference: string): void {
    const { repository, digest } = parseReference(reference);
    const byDigest = `${repository}@${image.digest}`;
    for (const name of digest === undefined ? [toCanonical(reference), byDigest] : [byDigest]) {
      for (const other of this.#local.values()) {
        other.references = other.references.filter((known) => known !== name);
      }
      const kept = this.#local.get(image.id) ?? { ...image, references: [] };
      kept.references.push(name);
      this.#local.set(image.id, kept);
    }
  }

  /** Gives an image that is here another name, as `docker tag` does. @throws EngineError 404 */
  tag(image: LocalImage, reference: string): void {
    const name = toCanonical(reference);
    for (const other of this.#local.values()) {
      other.references = other.references.filter((known) => known !== name);
    }
    image.references.push(name);
  }

  forget(image: LocalImage): void {
    this.#local.delete(image.id);
  }
}
