import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import { readImageRecords } from '@berth/shared/store/images';
import { type HostImage, planImageSweep } from './plan-image-sweep.ts';

/** What a sweep does to the images of the host. */
export interface SweptImages {
  list(signal: AbortSignal): Promise<HostImage[]>;
  /** the ids of the images that containers use, running or not, anybody's */
  used(signal: AbortSignal): Promise<string[]>;
  /** Removes a name of an image, never by force. @returns false when it is in use */
  remove(reference: string, signal: AbortSignal): Promise<boolean>;
}

interface Deps {
  db: Database;
  log: Log;
  hostId: string;
  images: SweptImages;
}

/** Removes the images of ours that no site of this host needs any more. @returns how many went */
export type SweepImages = (signal: AbortSignal) => Promise<number>;

/**
 * Each image is looked up once more right before it goes, and Docker refuses what a container uses by then. A release that comes to need
 * one in the moment after finds it missing at its next look, and pulls it.
 */
export function makeSweepImages({ db, log, hostId, images }: Deps): SweepImages {
  const plan = async (candidates: readonly HostImage[], signal: AbortSignal) => {
    const [used, records] = await Promise.all([
      images.used(signal),
      readImageRecords(
        db,
        hostId,
        candidates.flatMap(({ digests }) => digests),
      ),
    ]);
    return planImageSweep(candidates, new Set(used), records);
  };
  return async function sweepImages(signal) {
    const listed = await images.list(signal);
    let removed = 0;
    for (const { id } of await plan(listed, signal)) {
      signal.throwIfAborted();
      const still = await plan(
        listed.filter((image) => image.id === id),
        signal,
      );
      for (const { references } of still) {
        if (!(await removeAll(images, references, signal))) continue;
        removed += 1;
        log.info({ image: id, references }, 'image removed');
      }
    }
    return removed;
  };
}

/** One name after the other; with its last name the image goes. */
async function removeAll(images: SweptImages, references: readonly string[], signal: AbortSignal): Promise<boolean> {
  for (const reference of references) {
    if (!(await images.remove(reference, signal))) return false;
  }
  return true;
}
