import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from '../../tests/real/engine/start-engine.ts';
import { until } from './bench-host.ts';

const run = promisify(execFile);

/** What somebody at a command line does for the same container. */
export interface PlainDocker {
  /** `docker network create` and `docker run` with the options of our containers. @returns the ms until it answers */
  create(image: string): Promise<number>;
  /** The same for several, so many at once. @returns the ms until all of them answer */
  createAll(image: string, count: number, atOnce: number): Promise<number>;
  /** The seed's deploy-customer-container.sh. @returns the ms until what it started answers */
  redeploy(customer: string, port: number, image: string): Promise<number>;
}

export function makePlainDocker(engine: Engine): PlainDocker {
  const env = { ...process.env, DOCKER_HOST: engine.dockerHost, LICENSE_KEY: 'LICENCE' };
  const docker = (...words: string[]) => run('docker', words, { env });
  const script = path.join(engine.dir, 'deploy-customer-container.sh');
  writeFileSync(script, SEED_SCRIPT);
  let made = 0;

  async function create(image: string): Promise<void> {
    made += 1;
    const slot = made % 2000;
    const name = `plain-${made}`;
    // Away from the pool and the ports that Berth gives out.
    const address = (last: number) => `10.201.${Math.floor(slot / 16)}.${(slot % 16) * 16 + last}`;
    const port = 12_000 + slot;
    const bridge = [
      '-o',
      'com.docker.network.bridge.enable_icc=false',
      '-o',
      `com.docker.network.bridge.name=plain${slot}`,
    ];
    await docker('network', 'create', '--subnet', `${address(0)}/28`, '--gateway', address(1), ...bridge, name);
    await docker('run', '-d', '--name', name, '--network', name, '-p', `127.0.0.1:${port}:3000`, ...OPTIONS, image);
    await untilHealthy(port);
  }

  return {
    create: (image) => timed(() => create(image)),
    createAll: (image, count, atOnce) =>
      timed(async () => {
        let left = count;
        const one = async (): Promise<void> => {
          while (left > 0) {
            left -= 1;
            await create(image);
          }
        };
        await Promise.all(Array.from({ length: atOnce }, one));
      }),
    redeploy: (customer, port, image) =>
      timed(async () => {
        await run('bash', [script, customer, String(port), image], { env });
        await untilHealthy(port);
      }),
  };
}

/** As the container-worker makes them, in the profile `strict`. */
const OPTIONS = [
  ['-e', 'DELQHI_CUSTOMER_ID=customer_123', '-e', 'DELQHI_LICENSE_KEY=LICENCE'],
  ['--label', 'berth.site=plain', '--label', 'berth.release=1'],
  ['--memory', '512m', '--memory-swap', '512m', '--cpus', '0.5', '--pids-limit', '256', '--restart', 'unless-stopped'],
  ['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--init', '--read-only'],
  [
    '--tmpfs',
    '/tmp:rw,noexec,nosuid,nodev,size=64m,mode=1777',
    '--tmpfs',
    '/run:rw,noexec,nosuid,nodev,size=16m,mode=1777',
  ],
  ['--log-driver', 'json-file', '--log-opt', 'max-size=10m', '--log-opt', 'max-file=3', '--stop-timeout', '10'],
].flat();

/** Word for word what the project began with. */
const SEED_SCRIPT = `#!/bin/bash
CUSTOMER_ID=$1
CUSTOMER_PORT=$2
DOCKER_IMAGE=$3

docker stop "customer-\${CUSTOMER_ID}" 2>/dev/null
docker rm "customer-\${CUSTOMER_ID}" 2>/dev/null

docker run -d \\
  --name "customer-\${CUSTOMER_ID}" \\
  -p "\${CUSTOMER_PORT}:3000" \\
  -e "DELQHI_CUSTOMER_ID=\${CUSTOMER_ID}" \\
  -e "DELQHI_LICENSE_KEY=\${LICENSE_KEY}" \\
  --restart unless-stopped \\
  --memory="512m" \\
  --cpus="0.5" \\
  "\${DOCKER_IMAGE}"

docker ps --filter "name=customer-\${CUSTOMER_ID}" --format "{{.Status}}"
`;

async function untilHealthy(port: number): Promise<void> {
  await until(() =>
    fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(1000) }).then(
      (answer) => answer.ok,
      () => false,
    ),
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
