import { type ImageAllowlist, isImageAllowed } from '@berth/shared/domain/image-allowlist';
import { repositoryOf } from '@berth/shared/domain/image-name';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Release } from '@berth/shared/store/containers';

/**
 * The API refuses such images too; what was ordered before the list was made is stopped here. A container that runs is left alone.
 * @throws BerthError `image.not-allowed`
 */
export function checkImage(allowlist: ImageAllowlist, { image, number }: Pick<Release, 'image' | 'number'>): void {
  if (isImageAllowed(allowlist, image)) return;
  const message = `IMAGE_ALLOWLIST of this host does not name ${repositoryOf(image)} (release ${number})`;
  throw new BerthError('image.not-allowed', message);
}
