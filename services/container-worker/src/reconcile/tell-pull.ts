import { messageOf } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import { tellOnce } from '@berth/shared/store/site-events';
import type { PullProgress } from './container-access.ts';
import type { ContainerDeps, Look } from './container-look.ts';

const STEP = 10;
const MB = 1e6;

/** Tells of one pull on the site's timeline. */
interface PullNews {
  onProgress(progress: PullProgress): void;
  /** what is being told is written down, or given up */
  told(): Promise<void>;
}

/**
 * News of a pull: a line at each tenth, at most one in `pullNewsMs`, none of a pull that is quicker. A tenth is told once for a release and
 * a host, however often the pull is tried: ten lines at most. What can't be written down doesn't hold the pull up.
 */
export function tellPull(deps: ContainerDeps, work: Work, { wish, release }: Look): PullNews {
  const { db, clock, hostId, pullNewsMs } = deps;
  let told = -STEP;
  let lastMs = clock.monotonicMs();
  let telling: Promise<void> | undefined;
  const tell = async (progress: PullProgress, percent: number): Promise<void> => {
    try {
      await tellOnce(db, wish.siteId, {
        type: 'image.pulling',
        aspect: 'container',
        reason: 'ImagePulling',
        message: `pulling ${release.image}: ${toWords(progress, percent)}`,
        data: { release: release.number, host: hostId, percent },
        causeId: work.causeId,
      });
    } catch (error) {
      work.log.debug({ err: messageOf(error) }, 'progress of a pull could not be told');
    }
    telling = undefined;
  };
  return {
    onProgress(progress) {
      const percent = Math.floor(progress.percent / STEP) * STEP;
      const nowMs = clock.monotonicMs();
      if (telling || percent <= told || percent >= 100 || nowMs - lastMs < pullNewsMs) return;
      told = percent;
      lastMs = nowMs;
      telling = tell(progress, percent);
    },
    told: async () => telling,
  };
}

function toWords({ layers, layersDone, bytes, totalBytes }: PullProgress, percent: number): string {
  const size = totalBytes > 0 ? `, ${Math.round(bytes / MB)} of ${Math.round(totalBytes / MB)} MB` : '';
  return `${percent} % (${layersDone} of ${layers} layers${size})`;
}

/** Says once which image the release means. */
export async function tellResolved(
  { db }: ContainerDeps,
  work: Work,
  { wish, release }: Look,
  digest: string,
): Promise<void> {
  await tellOnce(db, wish.siteId, {
    type: 'image.resolved',
    aspect: 'container',
    reason: 'ImageResolved',
    message: `${release.image} is ${digest}`,
    data: { release: release.number },
    causeId: work.causeId,
  });
}
