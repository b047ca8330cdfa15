import { statfs } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { HostDisk } from '../reconcile/container-access.ts';
import { guarded } from './docker-errors.ts';

const TIMEOUT_MS = 10_000;

/**
 * The disk on which Docker keeps its images. It is seen only where this process sees Docker's folder: on the host itself, not from a
 * container without that folder, nor for an Engine of another machine.
 */
export function makeDockerDisk(docker: Docker, dockerHost: string): HostDisk {
  return {
    async freeBytes(signal) {
      if (!dockerHost.startsWith('unix:')) return undefined;
      const info: { DockerRootDir?: string } = await guarded('asking Docker for its folder', signal, TIMEOUT_MS, () =>
        docker.info(),
      );
      try {
        const { bavail, bsize } = await statfs(info.DockerRootDir ?? '');
        return bavail * bsize;
      } catch {
        return undefined;
      }
    },
  };
}
