import { mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { ContainerEngine } from './container-engine.ts';
import { containerRoutes } from './container-routes.ts';
import { type DockerControl, makeDockerControl } from './docker-control.ts';
import { makeSnapshotWriter, readDockerSnapshot } from './docker-snapshot.ts';
import { type Fault, FaultPlan } from './fault-plan.ts';
import { demoImages, type ImageBehaviour } from './image-behaviour.ts';
import { ImageRegistry } from './image-registry.ts';
import { makeImageRoutes } from './image-routes.ts';
import { ImageStore } from './image-store.ts';
import { makeNetworkRoutes } from './network-routes.ts';
import { serveEngine } from './serve-engine.ts';
import { makeSystemRoutes } from './system-routes.ts';

export interface DockerOptions {
  /** under 108 bytes */
  socketPath: string;
  /** further images of the registry, by reference */
  images?: Readonly<Record<string, ImageBehaviour>>;
  faults?: Fault[];
  /** how long a pull of an image that is not there takes; 50 when absent */
  pullMs?: number;
  /** its `DockerRootDir`; the folder of its socket when absent */
  rootDir?: string;
  /** where containers and networks outlive the process; nothing is kept when absent */
  dataDir?: string;
}

export interface DockerSimulator {
  socketPath: string;
  /** as `DOCKER_HOST` wants it */
  dockerHost: string;
  control: DockerControl;
  stop(): Promise<void>;
}

/**
 * Starts a Docker Engine (API 1.41, as of dockerd 20.10) on a unix socket. Started containers really listen on their published ports.
 * @throws the system's error when the socket can't be made
 */
export async function startDocker(options: DockerOptions): Promise<DockerSimulator> {
  const { socketPath, images = {}, faults = [], pullMs = 50, dataDir } = options;
  const path = dataDir === undefined ? undefined : join(dataDir, 'docker.json');
  const kept = path === undefined ? undefined : readDockerSnapshot(path);
  const store = makeImages({ ...demoImages, ...images }, kept?.images ?? []);
  const snapshot = makeSnapshotWriter(path, () => ({
    containers: engine.list(),
    networks: engine.networks.list(),
    images: store.list().flatMap(({ references }) => references),
  }));
  const { containers, networks } = kept ?? {};
  const engine = new ContainerEngine({ images: store, containers, networks, onChange: snapshot.later });
  const plan = new FaultPlan();
  for (const fault of faults) {
    plan.add(fault);
  }
  const routes = [
    ...makeSystemRoutes(options.rootDir ?? dirname(socketPath)),
    ...containerRoutes,
    ...makeImageRoutes(pullMs, snapshot.later),
    ...makeNetworkRoutes(snapshot.later),
  ];
  const door = makeDoor(socketPath, () => serveEngine({ engine, routes, faults: plan }));
  await engine.boot();
  await door.open();
  return {
    socketPath,
    dockerHost: `unix://${socketPath}`,
    control: makeDockerControl({ engine, faults: plan, away: door.close, back: door.open }),
    stop: async () => {
      await door.close();
      engine.close();
      snapshot.flush();
    },
  };
}

function makeImages(images: Readonly<Record<string, ImageBehaviour>>, pulled: string[]): ImageStore {
  const registry = new ImageRegistry(images);
  const store = new ImageStore(registry);
  for (const reference of pulled.filter((name) => registry.has(name))) {
    store.keep(registry.get(reference, undefined), reference);
  }
  return store;
}

/** The socket, which can be taken away and brought back, as when dockerd stops and starts. */
function makeDoor(socketPath: string, makeServer: () => Server): { open(): Promise<void>; close(): Promise<void> } {
  let server: Server | undefined;
  const sockets = new Set<Socket>();
  return {
    open: async () => {
      if (server !== undefined) {
        return;
      }
      mkdirSync(dirname(socketPath), { recursive: true });
      rmSync(socketPath, { force: true });
      const opened = makeServer();
      server = opened;
      opened.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve, reject) => {
        opened.once('error', reject);
        opened.listen(socketPath, resolve);
      });
    },
    close: async () => {
      const closing = server;
      server = undefined;
      if (closing === undefined) {
        return;
      }
      const closed = new Promise((resolve) => closing.close(resolve));
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
      rmSync(socketPath, { force: true });
    },
  };
}
