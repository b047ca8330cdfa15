import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queueOf } from '@berth/shared/domain/aspects';
import { systemChance } from '@berth/shared/runtime/chance';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { makeLog } from '@berth/shared/runtime/log';
import { type Loop, makeLoop } from '@berth/shared/runtime/loop';
import type { Reconciler } from '@berth/shared/runtime/reconciler';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault, type Vault } from '@berth/shared/runtime/vault';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { registerHost } from '@berth/shared/store/hosts';
import { makeProtocol, type Protocol } from '@berth/shared/store/protocol';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { letHostsLast } from '@berth/shared/testing/let-hosts-last';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import type { ImageBehaviour } from '@berth/simulators/docker/image-behaviour';
import { type DockerSimulator, startDocker } from '@berth/simulators/docker/start-docker';
import Docker from 'dockerode';
import { makeDockerContainers } from '../adapters/docker-containers.ts';
import { makeDockerDisk } from '../adapters/docker-disk.ts';
import { makeDockerImages } from '../adapters/docker-images.ts';
import { makeDockerNetworks } from '../adapters/docker-networks.ts';
import { makeDockerSweptImages } from '../adapters/docker-swept-images.ts';
import { makeHostPorts } from '../adapters/host-ports.ts';
import { makeHttpProbe } from '../adapters/http-probe.ts';
import { makeTurns } from '../adapters/in-turn.ts';
import { makeSweepImages } from '../host/sweep-images.ts';
import type { ContainerDeps } from '../reconcile/container-look.ts';
import { makeReconcileContainer } from '../reconcile/reconcile-container.ts';
import { holdPorts } from './hold-ports.ts';

/** A host with an Engine, a database of its own, and the container-worker's adapters between them. */
export interface SiteHost {
  id: string;
  databaseUrl: string;
  db: Database;
  protocol: Protocol;
  vault: Vault;
  docker: Docker;
  /** the worker's loop; nothing of it runs by itself */
  loop: Loop;
  /** what the loop logged so far, one line of JSON each */
  logged: readonly string[];
  /** settings that differ from the usual ones; they count from the next look on */
  settings: Partial<ContainerDeps>;
  /** what a reconciler is made from, with its effects counted */
  deps(effects?: Effects): ContainerDeps;
  stop(): Promise<void>;
}

/** One whose Engine is simulated. */
export interface ContainerHost extends SiteHost {
  simulator: DockerSimulator;
}

/**
 * Starts a host with a simulated Engine, with `images` in its registry beside the simulator's own. Its ports really are listened on.
 * @param pullMs how long a pull takes
 */
export async function startContainerHost(
  images: Record<string, ImageBehaviour> = {},
  pullMs = 5,
): Promise<ContainerHost> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-containers-'));
  const simulator = await startDocker({ socketPath: join(dir, 'docker.sock'), images, pullMs });
  const host = await openSiteHost(new Docker({ socketPath: simulator.socketPath }));
  return {
    ...host,
    simulator,
    async stop() {
      await host.stop();
      await simulator.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Registers a host in a database of its own, whose Engine is that of `docker`. */
export async function openSiteHost(docker: Docker): Promise<SiteHost> {
  const database = await makeTestDatabase();
  const db = openDatabase({ url: database.url, onIdleError: () => undefined });
  const protocol = makeProtocol(db);
  const vault = makeVault(new Secret(Buffer.alloc(32, 7).toString('base64')));
  const id = 'alpha';
  const ports = await holdPorts();
  await registerHost(db, {
    id,
    customerPorts: ports,
    memoryBytes: 1e12,
    cpus: 2,
    labels: {},
    versions: {},
  });
  await letHostsLast(db);
  const logged: string[] = [];
  const log = makeLog('container-worker', 'debug', { write: (line) => logged.push(line) });
  const settings: Partial<ContainerDeps> = {};
  const turns = makeTurns();
  const deps = (effects = makeEffects()): ContainerDeps => ({
    db,
    vault,
    hints: noHints,
    clock: systemClock,
    hostId: id,
    subnetPool: '10.200.0.0/16',
    allowlist: [],
    healthStartSeconds: 60,
    pullNewsMs: 3000,
    containers: effects.wrap(makeDockerContainers(docker, turns.inTurn), [
      'create',
      'start',
      'stop',
      'restart',
      'rename',
      'remove',
    ]),
    networks: effects.wrap(makeDockerNetworks(docker, turns.inTurn), ['create', 'remove']),
    images: effects.wrap(makeDockerImages(docker, { pullTimeoutMs: 5000 }), ['pull']),
    disk: makeDockerDisk(docker, 'unix:'),
    minFreeBytes: 0,
    sweepImages: makeSweepImages({ db, log, hostId: id, images: makeDockerSweptImages(docker) }),
    ports: makeHostPorts(),
    probe: makeHttpProbe({ timeoutMs: 3000 }),
    protection: { assert: async () => undefined },
    turns,
    ...settings,
  });
  const container: Reconciler = (work) => makeReconcileContainer(deps())(work);
  const serves = { [queueOf('container', id)]: { container } };
  const owner = 'this-test';
  const loop = makeLoop({ protocol, serves, hints: noHints, clock: systemClock, chance: systemChance, log, owner });
  return {
    id,
    databaseUrl: database.url,
    db,
    protocol,
    vault,
    docker,
    loop,
    logged,
    settings,
    deps,
    async stop() {
      await loop.drain(5000);
      ports.release();
      await db.close();
      await database.drop();
    },
  };
}
