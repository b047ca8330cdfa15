import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Container } from './container.ts';
import type { Network } from './network-store.ts';

export interface DockerSnapshot {
  containers: Container[];
  networks: Network[];
  /** all names of the images on the host */
  images: string[];
}

/** What an earlier process left, or undefined when there is nothing that can be read. */
export function readDockerSnapshot(path: string): DockerSnapshot | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DockerSnapshot;
  } catch {
    return undefined;
  }
}

/**
 * Writes the snapshot soon after each change, many changes at once; `flush` writes what is still to be written.
 * The file holds the containers' environments, licence keys among them: it is made for its owner alone.
 */
export function makeSnapshotWriter(
  path: string | undefined,
  take: () => DockerSnapshot,
): { later(): void; flush(): void } {
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.next`, JSON.stringify(take()), { mode: 0o600 });
      renameSync(`${path}.next`, path);
    }
  };
  return {
    later: () => {
      timer ??= setTimeout(flush, 100);
    },
    flush,
  };
}
