import { isSameImageName, repositoryOf } from '@berth/shared/domain/image-name';
import type { ImageRecords } from '@berth/shared/store/images';

/** An image on the host with all its names. */
export interface HostImage {
  id: string;
  tags: readonly string[];
  digests: readonly string[];
}

/** The names by which an image is removed. */
export interface NeedlessImage {
  id: string;
  references: string[];
}

/**
 * The images that can go: those that releases were made from and no site here keeps. Left alone is what a container uses, what isn't known
 * from releases under every one of its names (somebody else needs it too), and what a release that waits is about to mean.
 */
export function planImageSweep(
  images: readonly HostImage[],
  used: ReadonlySet<string>,
  { known, unresolved }: ImageRecords,
): NeedlessImage[] {
  return images.flatMap((image) => {
    const records = known.filter(({ digest }) => image.digests.includes(digest));
    if (records.length === 0 || used.has(image.id) || records.some(({ kept }) => kept)) return [];
    const repositories = new Set(records.map(({ digest }) => repositoryOf(digest)));
    const names = records.flatMap((one) => one.names);
    const isOurs =
      image.digests.every((digest) => repositories.has(repositoryOf(digest))) &&
      image.tags.every((tag) => names.some((name) => isSameImageName(name, tag)));
    const isAsked = image.tags.some((tag) => unresolved.some((name) => isSameImageName(name, tag)));
    return isOurs && !isAsked ? [{ id: image.id, references: [...image.tags, ...image.digests] }] : [];
  });
}
