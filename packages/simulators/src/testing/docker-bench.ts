import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type DockerOptions, type DockerSimulator, startDocker } from '../docker/start-docker.ts';

/** A simulated Engine on a socket of its own, and a client of it. */
export interface DockerBench {
  /** for what must outlive the Engine */
  dir: string;
  docker: Docker;
  simulator: DockerSimulator;
  /** Starts it again, after `simulator.stop()`. */
  start(options?: Partial<DockerOptions>): Promise<void>;
  /** A client that asks for one version of the API, such as `v1.41`. */
  at(version: string): Docker;
  /** Pulls an image and gives the lines of its progress. */
  pull(reference: string): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts an Engine without images. */
export async function openDockerBench(): Promise<DockerBench> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-docker-'));
  const begin = (options: Partial<DockerOptions> = {}): Promise<DockerSimulator> =>
    startDocker({ socketPath: join(dir, 'docker.sock'), pullMs: 5, ...options });
  const simulator = await begin();
  const docker = new Docker({ socketPath: simulator.socketPath });
  const bench: DockerBench = {
    dir,
    docker,
    simulator,
    start: async (options) => {
      bench.simulator = await begin(options);
    },
    at: (version) => new Docker({ socketPath: simulator.socketPath, version }),
    pull: async (reference) => {
      const stream = await docker.pull(reference);
      const lines = await new Promise<Array<{ status?: string }>>((resolve, reject) => {
        docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)));
      });
      return lines.map((line) => line.status ?? '');
    },
    close: async () => {
      await bench.simulator.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return bench;
}

/** A container as the product makes it. */
export const toOptions = (
  name: string,
  port: number,
  image = 'berth-demo/site:1',
  hostConfig: Docker.HostConfig = {},
): Docker.ContainerCreateOptions => ({
  name,
  Image: image,
  Env: ['DELQHI_CUSTOMER_ID=a', 'DELQHI_LICENSE_KEY=secret-licence'],
  ExposedPorts: { '3000/tcp': {} },
  Labels: { 'berth.site': name },
  HostConfig: {
    Memory: 512 * 1024 ** 2,
    Init: true,
    PortBindings: { '3000/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    RestartPolicy: { Name: 'unless-stopped' },
    ...hostConfig,
  },
});

/** How dockerode tells of a failure. @throws Error when there was none */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ statusCode?: number; message: string; code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { statusCode?: number; message: string; code?: string };
  }
  throw new Error('it was expected to fail');
}

/** The status of a page at a published port; 0 when nothing answers. */
export async function answersAt(port: number, path = '/health'): Promise<number> {
  return fetch(`http://127.0.0.1:${port}${path}`).then(
    async (response) => {
      await response.text();
      return response.status;
    },
    () => 0,
  );
}
