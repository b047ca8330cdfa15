import { BerthError, messageOf } from '@berth/shared/errors/berth-error';
import type Docker from 'dockerode';
import type { Images } from '../reconcile/container-access.ts';
import { guarded, statusOf, unless } from './docker-errors.ts';

const TIMEOUT_MS = 30_000;

/** Images of this host, over the Engine's API. */
export function makeDockerImages(docker: Docker, { pullTimeoutMs }: { pullTimeoutMs: number }): Images {
  return {
    async find(reference, signal) {
      const shown = await unless(
        [404],
        guarded(`reading image ${reference}`, signal, TIMEOUT_MS, () => docker.getImage(reference).inspect()),
      );
      return shown && (shown.RepoDigests?.[0] ?? shown.Id);
    },
    async pull(reference, signal) {
      const doing = `pulling image ${reference}`;
      try {
        await guarded(doing, signal, pullTimeoutMs, async (abortSignal) => {
          const progress = await docker.pull(reference, { abortSignal });
          await new Promise<void>((resolve, reject) => {
            docker.modem.followProgress(progress, (error) => (error ? reject(asRefusal(error)) : resolve()));
          });
        });
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) throw new BerthError('image.not-found', `${doing}: not in its registry`, { cause: error });
        if (status !== undefined) throw new BerthError('image.refused', `${doing}: HTTP ${status}`, { cause: error });
        throw error;
      }
    },
  };
}

/** What the Engine reports in the middle of a pull has no status of its own. */
function asRefusal(error: unknown): Error {
  return Object.assign(new Error(messageOf(error)), { statusCode: 500, cause: error });
}
