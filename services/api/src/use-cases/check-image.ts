import { type ImageAllowlist, isImageAllowed } from '@berth/shared/domain/image-allowlist';
import { repositoryOf } from '@berth/shared/domain/image-name';
import { BerthError } from '@berth/shared/errors/berth-error';

/** @throws BerthError `image.not-allowed` when `IMAGE_ALLOWLIST` doesn't name where the image comes from */
export function checkImage(images: ImageAllowlist, reference: string): void {
  if (isImageAllowed(images, reference)) return;
  const detail = `${repositoryOf(reference)} is not among the images that this installation allows`;
  throw new BerthError('image.not-allowed', detail, { fields: [{ pointer: '#/image', detail }] });
}
