/**
 * A real Docker Engine for one test file.
 *
 *     const engine = await startEngine();          // beforeAll
 *     await importSiteImages(engine.docker);       // 'berth-test/site:1' and its variants, no network needed
 *     ... DOCKER_HOST: engine.dockerHost ...       // ports that it publishes are on this process's own 127.0.0.1
 *     await engine.daemon.end('SIGTERM');          // the daemon is away; with live-restore its containers go on
 *     await engine.daemon.start();
 *     await engine.stop();                         // afterAll: no container, process, mount, bridge, rule or file is left
 *
 * Tests lie in `tests/real/**` and run by `npm run test:real -- FILE`: in namespaces of their own (`runInOwnNamespaces`), one file at a
 * time, so that one daemon at most writes the firewall. Others who need a daemon (a benchmark) start themselves by `runInOwnNamespaces` too.
 * A second daemon for a second host goes into a network namespace of a container: `nsenter -t PID -n dockerd …`.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Docker from 'dockerode';
import { removeCgroups } from './cgroups.ts';
import { type Daemon, makeDaemon, releaseFiles } from './daemon.ts';
import { assertOwnNetwork, clearNetwork } from './network-namespace.ts';
import { cgroupOf } from './own-namespaces.ts';

/** How long Docker may refuse to remove a container of the tests. */
const REMOVAL_MS = 60_000;

export interface Engine {
  docker: Docker;
  /** for `DOCKER_HOST` */
  dockerHost: string;
  socketPath: string;
  /** the daemon's files; what else belongs to the host may lie here too */
  dir: string;
  daemon: Daemon;
  stop(): Promise<void>;
}

interface EngineOptions {
  /** as hosts must have it; without it containers end with the daemon */
  liveRestore?: boolean;
  /** further flags of dockerd */
  flags?: readonly string[];
}

/** Starts a dockerd of its own in this process's network namespace. @throws Error in a namespace that isn't the tests' own */
export async function startEngine({ liveRestore = true, flags = [] }: EngineOptions = {}): Promise<Engine> {
  const cgroup = cgroupOf(assertOwnNetwork());
  const dir = mkdtempSync(path.join(tmpdir(), 'berth-engine-'));
  const daemon = makeDaemon(dir, cgroup, [...(liveRestore ? ['--live-restore'] : []), ...flags]);
  const docker = new Docker({ socketPath: daemon.socketPath });
  await daemon.start();
  return {
    docker,
    dockerHost: `unix://${daemon.socketPath}`,
    socketPath: daemon.socketPath,
    dir,
    daemon,
    async stop() {
      try {
        if (!daemon.isRunning()) await daemon.start();
        await removeAll(docker);
      } finally {
        // Whatever it would not remove, the next file finds none of it.
        await daemon.end();
        // Also what the daemon has forgotten, which may hold files and interfaces.
        await removeCgroups(cgroup);
        await releaseFiles(dir);
        clearNetwork();
      }
    },
  };
}

/** Docker refuses to remove what is being removed already, or what is slow to end; a moment later it is gone, or can be removed. */
async function removeAll(docker: Docker): Promise<void> {
  for (const until = performance.now() + REMOVAL_MS; ; ) {
    const containers = await docker.listContainers({ all: true });
    if (containers.length === 0) break;
    const removals = containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true }));
    const refused = (await Promise.allSettled(removals)).find((one) => one.status === 'rejected');
    if (refused && performance.now() > until) throw refused.reason;
    if (refused) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await docker.pruneNetworks();
}
