import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import { freeRedisPort, startTestRedis, type TestRedis } from '../testing/test-redis.ts';
import { silentLog } from './log.ts';
import { openQueues } from './queues.ts';
import { Secret } from './secret.ts';

const patient = { timeout: 60_000, interval: 50 };
const started: TestRedis[] = [];
const dir = mkdtempSync(path.join(tmpdir(), 'berth-redis-kinds-'));

afterAll(async () => {
  await Promise.all(started.map((redis) => redis.stop()));
  rmSync(dir, { recursive: true, force: true });
});

async function redisWith(...settings: string[]): Promise<TestRedis | undefined> {
  const redis = await startTestRedis(settings);
  if (redis) started.push(redis);
  return redis;
}

const installed = await redisWith('--requirepass', 'p@ss:word');

/** Queues at `url`, with a worker of one queue that notes what it got. */
async function serveAt(url: string, redisCaFile?: string) {
  const queues = await openQueues({
    redisUrl: new Secret(url),
    redisCaFile,
    databaseUrl: new Secret('postgresql://unused'),
    log: silentLog,
  });
  const seen: string[] = [];
  await queues.serve('domain', 5, async (id) => void seen.push(id));
  return { queues, seen };
}

const command = async (port: number, ...[name = '', ...args]: string[]) => {
  const client = new Redis({ port, host: '127.0.0.1' });
  try {
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
};

describe.skipIf(!installed)('queues on Redis', () => {
  test('give the password of their URL', async () => {
    const port = installed?.port;
    const { queues, seen } = await serveAt(`redis://:${encodeURIComponent('p@ss:word')}@127.0.0.1:${port}/2`);
    await queues.hint('domain', ['one']);
    await expect.poll(() => seen, patient).toEqual(['one']);
    await queues.close();
  });

  test('speak TLS to a server whose certificate their own root has signed, and to no other', async () => {
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test root');
    openssl('req', ...key.slice(0, 4), '-nodes', '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=localhost');
    writeFileSync(path.join(dir, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1');
    openssl(
      'x509',
      '-req',
      '-in',
      'redis.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
      '-out',
      'redis.pem',
    );
    const at = (name: string) => path.join(dir, name);
    const tls = [
      '--tls-cert-file',
      at('redis.pem'),
      '--tls-key-file',
      at('redis.key'),
      '--tls-ca-cert-file',
      at('ca.pem'),
    ];
    const tlsPort = await freeRedisPort();
    await redisWith('--tls-port', String(tlsPort), '--tls-auth-clients', 'no', ...tls);
    const { queues, seen } = await serveAt(`rediss://localhost:${tlsPort}`, at('ca.pem'));
    await queues.hint('domain', ['secured']);
    await expect.poll(() => seen, patient).toEqual(['secured']);
    await queues.close();
    const other = await serveAt(`rediss://localhost:${tlsPort}`);
    await expect(other.queues.hint('domain', ['never'])).rejects.toThrow();
    await other.queues.close();
  });

  test('go on with another server when the sentinels have changed to it', async () => {
    const first = await redisWith();
    const second = await redisWith('--replicaof', '127.0.0.1', String(first?.port));
    await expect.poll(async () => String(await command(second?.port ?? 0, 'role')), patient).toContain('connected');
    const watched = [
      `sentinel monitor berth 127.0.0.1 ${first?.port} 1`,
      'sentinel down-after-milliseconds berth 300',
      'sentinel failover-timeout berth 2000',
    ];
    const sentinel = await startTestRedis(watched, 'sentinel');
    if (sentinel) started.push(sentinel);
    const { queues, seen } = await serveAt(`redis-sentinel://127.0.0.1:${sentinel?.port}/0?master=berth`);
    await queues.hint('domain', ['before']);
    await expect.poll(() => seen, patient).toEqual(['before']);
    const replicas = async () => String(await command(sentinel?.port ?? 0, 'sentinel', 'replicas', 'berth'));
    await expect.poll(replicas, patient).toContain(String(second?.port));
    await first?.kill();
    await expect
      .poll(
        () =>
          queues.hint('domain', ['after']).then(
            () => true,
            () => false,
          ),
        patient,
      )
      .toBe(true);
    await expect.poll(() => seen, patient).toContain('after');
    await queues.close();
  });

  test('lie in one slot of a cluster, each queue with all of its keys', async () => {
    const nodes = await Promise.all([1, 2, 3].map(() => startTestRedis([], 'cluster')));
    for (const node of nodes) if (node) started.push(node);
    const ports = nodes.map((node) => node?.port ?? 0);
    for (const [index, port] of ports.entries()) {
      const [from, to] =
        [
          [0, 5460],
          [5461, 10_922],
          [10_923, 16_383],
        ][index] ?? [];
      await command(port, 'cluster', 'addslotsrange', String(from), String(to));
      await command(port, 'cluster', 'meet', '127.0.0.1', String(ports[0]));
    }
    const states = () => Promise.all(ports.map((port) => command(port, 'cluster', 'info')));
    await expect
      .poll(async () => (await states()).every((state) => String(state).includes('cluster_state:ok')), patient)
      .toBe(true);
    const { queues, seen } = await serveAt(`redis-cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`);
    await queues.hint('domain', ['one', 'two']);
    await expect.poll(() => [...seen].sort(), patient).toEqual(['one', 'two']);
    const keys = (await Promise.all(ports.map((port) => command(port, 'keys', '*')))).flat().map(String);
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^\{berth\}:/);
    await queues.close();
  });
});
