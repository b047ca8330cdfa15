import { spawn } from 'node:child_process';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../support/command.ts';
import { fetchThroughEdge } from '../../support/edge.ts';
import { until } from '../../support/until.ts';
import { type Installation, openInstallation } from './open-installation.ts';
import { enter } from './start-host.ts';
import { IMAGE, type WorkHost } from './work-host.ts';

/** As the seed calls it: without `.service`. */
const UNIT = 'cloudflared-customer-customer_123';
const CONFIG = '/etc/cloudflared/customer-customer_123.yml';
const UP = /^Up (Less than a second|1 second|\d+ seconds|About a minute|\d+ minutes)$/;

let database: TestDatabase;
let db: Database;
let installation: Installation;
let host: WorkHost;
let key: string;
beforeAll(async () => {
  database = await makeTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  installation = await openInstallation({ databaseUrl: database.url, hosts: ['alpha'], activateAfterMs: 100 });
  const [only] = installation.hosts;
  if (!only) throw new Error('there is no host');
  host = only;
  const made = makeApiKey(systemChance);
  key = made.key;
  const { prefix, hash } = made;
  await createApiKey(db, { name: 'test', prefix, hash, scopes: ['admin'], expiresAt: null });
});
afterAll(async () => {
  await installation?.close();
  await db?.close();
  await database?.drop();
});

const script = (line: string, more: Record<string, string> = {}) => {
  const [name = '', ...args] = line.split(' ');
  return run(`scripts/${name}`, args, { BERTH_API_URL: installation.apiUrl, BERTH_API_KEY: key, ...more });
};
const create = () => script('create-customer-tunnel.sh customer_123 example.com 3100');
const show = async (property: string) =>
  (await host.run('systemctl', 'show', UNIT, '--property', property, '--value')).stdout;
const page = () => fetchThroughEdge(installation.environment, 'example.com');
const container = async () => {
  const [listed] = await host.docker.listContainers({ all: true, filters: { name: ['customer-customer_123'] } });
  return listed;
};

/** What the seed's `journalctl -u … -f` has written so far. */
function followJournal(): { said(): string; stop(): Promise<void> } {
  const child = spawn('nsenter', [...enter(host.pid), 'journalctl', '-u', UNIT, '-f'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    said: () => text,
    async stop() {
      // The journalctl behind nsenter ends when nobody reads it any more.
      child.stdout.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe("the seed's commands, on a host with a real Docker Engine and a real systemd,", () => {
  test('make a tunnel, and the same again', async () => {
    const created = await create();
    expect(created.status, created.err).toBe(0);
    expect(created.out).toBe('✅ Tunnel created for example.com → localhost:3100\n');
    expect((await host.run('systemctl', 'is-active', UNIT)).stdout).toBe('active');
    expect((await host.run('systemctl', 'is-enabled', UNIT)).stdout).toBe('enabled');
    expect((await host.run('cat', CONFIG)).stdout).toContain('service: http://localhost:3100');
    const again = await create();
    expect([again.status, again.out], again.err).toEqual([0, created.out]);
    expect((await installation.cloudflare.control.listTunnels()).map(({ name }) => name)).toEqual([
      'customer-customer_123',
    ]);
  });

  test('leave a unit behind that systemctl restarts, journalctl follows, and Berth then leaves alone', async () => {
    const before = await show('InvocationID');
    const journal = followJournal();
    try {
      await until('the journal says what was', async () => journal.said().includes('Registered tunnel connection'));
      const seen = journal.said().length;
      const restarted = await host.run('systemctl', 'restart', UNIT);
      expect(restarted.exitCode, restarted.stderr).toBe(0);
      await until('the journal goes on', async () =>
        journal.said().slice(seen).includes('Registered tunnel connection'),
      );
    } finally {
      await journal.stop();
    }
    const byHand = await show('InvocationID');
    expect(byHand).not.toBe(before);
    expect((await create()).status, 'all of it is looked at').toBe(0);
    expect(await show('InvocationID'), 'and left alone').toBe(byHand);
  });

  test("run a container on the port, ending with Docker's own status", async () => {
    const ran = await script(`deploy-customer-container.sh customer_123 3100 ${IMAGE}`, { LICENSE_KEY: 'license-1' });
    expect(ran.status, ran.err).toBe(0);
    expect(ran.out.trimEnd().split('\n').at(-1)).toMatch(UP);
    expect(await container()).toMatchObject({
      Names: ['/customer-customer_123'],
      Status: expect.stringMatching(UP),
      Ports: [{ IP: '127.0.0.1', PrivatePort: 3000, PublicPort: 3100, Type: 'tcp' }],
    });
    const { Config } = await host.docker.getContainer('customer-customer_123').inspect();
    expect(Config.Env).toContain('DELQHI_LICENSE_KEY=license-1');
    await until('the site serves', async () => (await page().catch(() => undefined))?.status === 200);
    expect((await page()).body).toBe(`${IMAGE}\n`);
  });

  test('take the tunnel away, and nothing else', async () => {
    const running = await container();
    const deleted = await script('delete-customer-tunnel.sh customer_123');
    expect([deleted.status, deleted.out], deleted.err).toEqual([
      0,
      '✅ Tunnel deleted for example.com; its container runs on\n',
    ]);
    expect(await show('LoadState')).toBe('not-found');
    expect((await host.run('find', '/etc/cloudflared', '-name', '*customer_123*')).stdout).toBe('');
    expect(await installation.cloudflare.control.listTunnels()).toEqual([]);
    expect(await container()).toMatchObject({ Id: running?.Id, State: 'running' });
  });
});
