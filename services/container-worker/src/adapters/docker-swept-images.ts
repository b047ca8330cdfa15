import type Docker from 'dockerode';
import type { SweptImages } from '../host/sweep-images.ts';
import { guarded, statusOf, unless } from './docker-errors.ts';

const TIMEOUT_MS = 60_000;
/** What older Engines say in place of no name. */
const NONE = '<none>';

/** All images of the Engine, and their removal. */
export function makeDockerSweptImages(docker: Docker): SweptImages {
  return {
    list: (signal) =>
      guarded('listing images', signal, TIMEOUT_MS, async (abortSignal) => {
        const listed = await docker.listImages({ abortSignal });
        const named = (names: string[] | null | undefined) => (names ?? []).filter((name) => !name.startsWith(NONE));
        return listed.map(({ Id, RepoTags, RepoDigests }) => ({
          id: Id,
          tags: named(RepoTags),
          digests: named(RepoDigests),
        }));
      }),
    used: (signal) =>
      guarded('listing containers', signal, TIMEOUT_MS, async (abortSignal) => {
        const listed = await docker.listContainers({ all: true, abortSignal });
        return listed.map(({ ImageID }) => ImageID);
      }),
    async remove(reference, signal) {
      try {
        await unless(
          [404],
          guarded(`removing image ${reference}`, signal, TIMEOUT_MS, (abortSignal) =>
            docker.getImage(reference).remove({ abortSignal }),
          ),
        );
        return true;
      } catch (error) {
        if (statusOf(error) === 409) return false;
        throw error;
      }
    },
  };
}
