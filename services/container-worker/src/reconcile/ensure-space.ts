import { BerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type { ContainerDeps } from './container-look.ts';

const MB = 1e6;

/**
 * Makes sure that a pull begins with `IMAGE_MIN_FREE_BYTES` at least on Docker's disk; where that lacks, images of ours that nobody needs
 * go first. A disk that can't be seen from here is taken for large enough: Docker says when it isn't.
 * @throws BerthError `disk.full`
 */
export async function ensureSpace(deps: ContainerDeps, work: Work, reference: string): Promise<void> {
  const { disk, minFreeBytes, sweepImages } = deps;
  const { signal } = work.lease;
  if (minFreeBytes === 0) return;
  const isEnough = (free: number | undefined) => free === undefined || free >= minFreeBytes;
  if (isEnough(await disk.freeBytes(signal))) return;
  await work.lease.assert();
  await sweepImages(signal);
  const free = await disk.freeBytes(signal);
  if (free === undefined || isEnough(free)) return;
  const [has, needs] = [free, minFreeBytes].map((bytes) => Math.round(bytes / MB));
  const message = `pulling image ${reference}: ${has} MB are free on the disk of this host's Docker, of ${needs} MB (IMAGE_MIN_FREE_BYTES) that a pull begins with; make room there`;
  throw new BerthError('disk.full', message);
}
