import { readImageName, repositoryOf } from '@berth/shared/domain/image-name';
import type { Release } from '@berth/shared/store/containers';
import type { LocalImage } from './container-access.ts';

type NamedRelease = Pick<Release, 'image' | 'digest'>;

/**
 * What a release's name means from now on: the digest by which the registry that it names knows the image (one image can have digests of
 * several), or the image's id where it came from no registry.
 */
export function chooseDigest(reference: string, { id, digests }: LocalImage): string {
  const { digest } = readImageName(reference);
  const own = digests.filter((one) => repositoryOf(one) === repositoryOf(reference));
  return own.find((one) => readImageName(one).digest === digest) ?? own[0] ?? id;
}

/**
 * The reference that means the release's image and no other, wherever the tag goes: `site:1@sha256:…`, in which the Engine reads the digest
 * alone and people see the tag. Undefined while it isn't known which image the name means.
 */
export function pinnedReference({ image, digest }: NamedRelease): string | undefined {
  if (digest === null || isLocalOnly({ image, digest })) return digest ?? undefined;
  if (repositoryOf(digest) !== repositoryOf(image)) return digest;
  return `${image.split('@', 1)[0]}@${readImageName(digest).digest}`;
}

/** Whether the release's image came from no registry: it is known by its id, and can't be had again. */
export function isLocalOnly({ digest }: NamedRelease): boolean {
  return digest !== null && !digest.includes('@');
}
