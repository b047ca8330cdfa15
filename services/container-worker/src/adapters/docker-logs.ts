import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { ContainerLogs, LoggedContainer } from '../logs/log-access.ts';
import { readFrames, toSince } from '../logs/log-frames.ts';
import { labels } from '../reconcile/container-access.ts';
import { guarded } from './docker-errors.ts';

const LIST_MS = 10_000;

/** What containers wrote, over the Engine's API. */
export function makeDockerLogs(docker: Docker): ContainerLogs {
  return {
    list: (signal) =>
      guarded('listing containers', signal, LIST_MS, async (abortSignal) => {
        const listed = await docker.listContainers({ all: true, filters: { label: [labels.site] }, abortSignal });
        return listed.flatMap(({ Id, Labels, State }): LoggedContainer[] => {
          const siteId = Labels[labels.site];
          return siteId ? [{ id: Id, siteId, isRunning: State === 'running' }] : [];
        });
      }),
    async *follow(id, after, signal) {
      const since = after === undefined ? {} : { since: toSince(after) };
      const asked = { follow: true, stdout: true, stderr: true, timestamps: true, ...since } as const;
      const stream = await docker.getContainer(id).logs({ ...asked, abortSignal: signal });
      yield* readFrames(stream as unknown as Readable);
    },
  };
}
