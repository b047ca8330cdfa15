import type { CheckGroup } from '@berth/contract/doctor';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, makeApiClient } from '../../support/api-client.ts';
import { fetchThroughEdge } from '../../support/edge.ts';
import { until } from '../../support/until.ts';
import { DOCKER_GROUP, unitOf, WORKERS } from './install-workers.ts';
import { type Installation, openInstallation } from './open-installation.ts';
import type { WorkHost } from './work-host.ts';

const NONE = '0000000000000000';
const NET_ADMIN = '0000000000001000';
/** Another one than Berth's own, so that it's the setting which counts. */
const POOL = '10.77.0.0/16';
const USERS = { 'container-worker': 'dynamic', 'tunnel-worker': 'root', 'health-worker': 'berth-health' };

let database: TestDatabase;
let db: Database;
let installation: Installation;
let host: WorkHost;
let api: ApiClient;
beforeAll(async () => {
  database = await makeTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  installation = await openInstallation({
    databaseUrl: database.url,
    hosts: ['alpha'],
    activateAfterMs: 100,
    settings: { CHECK_INTERVAL_SECONDS: '1', EDGE_CHECK_SECONDS: '0', BERTH_SUBNET_POOL: POOL },
  });
  const [first] = installation.hosts;
  if (!first) throw new Error('no host');
  host = first;
  const { key, prefix, hash } = makeApiKey(systemChance);
  await createApiKey(db, { name: 'test', prefix, hash, scopes: ['admin'], expiresAt: null });
  api = makeApiClient(installation.apiUrl, key);
});
afterAll(async () => {
  await installation?.close();
  await db?.close();
  await database?.drop();
});

const show = async (worker: string, property: string) =>
  (await host.run('systemctl', 'show', unitOf(worker), '--property', property, '--value')).stdout;

/** Who a process runs as: a name that the machine knows, or a number that systemd gave it for as long as it runs. */
async function kindOf(uid: number): Promise<string> {
  const { stdout } = await host.run('getent', 'passwd', String(uid));
  return stdout.split(':')[0] || (uid >= 61_184 && uid <= 65_519 ? 'dynamic' : `unknown ${uid}`);
}

async function statusOf(worker: string): Promise<Record<string, string>> {
  const { stdout } = await host.run('cat', `/proc/${await show(worker, 'MainPID')}/status`);
  return Object.fromEntries(stdout.split('\n').map((line) => line.split(':\t')));
}

describe('the workers of a host, as units of its systemd', () => {
  test('run as the users and with the capabilities that their units say, and no others', async () => {
    for (const worker of WORKERS) {
      const status = await statusOf(worker);
      const capabilities = worker === 'container-worker' ? NET_ADMIN : NONE;
      expect(status, worker).toMatchObject({
        NoNewPrivs: '1',
        Seccomp: '2',
        CapEff: capabilities,
        CapBnd: capabilities,
      });
      const uid = Number(status.Uid?.split('\t')[0]);
      expect(await kindOf(uid), worker).toBe(USERS[worker]);
      const hasDocker = status.Groups?.split(' ').includes(String(DOCKER_GROUP.id)) ?? false;
      expect(hasDocker, worker).toBe(worker !== 'tunnel-worker');
    }
  });

  test('hold their secrets in no environment, and let nobody else read them', async () => {
    const secret = installation.environment.BERTH_SECRETS_KEY ?? '?';
    for (const worker of WORKERS) {
      const environment = await host.run('cat', `/proc/${await show(worker, 'MainPID')}/environ`);
      expect(environment.stdout).toContain('BERTH_SECRETS_KEY_FILE');
      expect(environment.stdout.includes(secret), worker).toBe(false);
    }
    const stranger = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups'] as const;
    for (const file of ['/etc/berth/database-url', `/run/credentials/${unitOf('health-worker')}/database-url`]) {
      expect((await host.run(...stranger, 'cat', file)).exitCode, file).not.toBe(0);
    }
  });

  test('find all that they look at good, and register the host', async () => {
    // A worker may look before it has registered.
    await until('all workers vouch for the host', async () => {
      const { body } = await api.ask('GET', '/v1/hosts/alpha');
      const { containers, connectors, health } = body.leases ?? {};
      return containers && connectors && health;
    });
    const groups = await until('all workers have looked', async () => {
      const { body } = await api.ask('GET', '/v1/doctor');
      const all = (body.groups as CheckGroup[]).filter(({ scope }) => scope === 'host');
      return (
        WORKERS.every((worker) => all.some(({ service, checks }) => service === worker && checks.length > 1)) && all
      );
    });
    const bad = groups.flatMap(({ service, checks }) =>
      checks.flatMap(({ id, status, detail }) => (status === 'ok' ? [] : [`${service} ${id}: ${detail}`])),
    );
    expect(bad).toEqual([]);
    expect((await api.ask('GET', '/v1/hosts/alpha')).body).toMatchObject({
      state: 'ready',
      problem: null,
      warning: null,
      leases: { containers: expect.any(String), connectors: expect.any(String), health: expect.any(String) },
    });
  });

  test('take an order to a live website, behind the firewall', async () => {
    const order = { orderId: '1', domain: 'kunde.de', customer: { id: 'kunde' }, image: 'berth-test/site:1' };
    expect((await api.order(order)).status).toBe(202);
    await api.untilState('kunde', 'online');
    expect((await fetchThroughEdge(installation.environment, 'kunde.de')).body).toBe('berth-test/site:1\n');
    expect((await host.run('systemctl', 'is-active', 'cloudflared-customer-kunde.service')).stdout).toBe('active');
    const { IPAM } = await host.docker.getNetwork('customer-kunde').inspect();
    expect(IPAM?.Config?.[0]?.Subnet).toMatch(/^10\.77\.\d+\.\d+\/28$/);
  });

  test('keep the firewall standing: what takes a part of it away is made good without a call', async () => {
    // Docker's own rules name the bridges too: only Berth's chains tell that its firewall is there.
    const wanted = [
      '-A INPUT -i berth+ -j BERTH-INPUT',
      '-A BERTH-INPUT -j DROP',
      '-A BERTH-INGRESS -j DROP',
      `-A BERTH-EGRESS -d ${POOL} -j DROP`,
    ];
    const missing = async () => {
      const rules = (await host.run('iptables', '-w', '-S')).stdout.split('\n');
      return wanted.filter((rule) => !rules.includes(rule));
    };
    expect(await missing()).toEqual([]);
    for (const chain of ['BERTH-INPUT', 'BERTH-EGRESS']) {
      expect((await host.run('iptables', '-w', '-F', chain)).exitCode).toBe(0);
    }
    await until('the firewall stands again', async () => (await missing()).length === 0);
  });

  test('see how the site is, by Docker and by systemd', async () => {
    await until('container and tunnel are known to be healthy', async () => {
      const { rows } = await db.pool.query(`select aspect, outcome, word from site_health where host_id = 'alpha'`);
      const isHealthy = rows.every(({ outcome }) => outcome === 'healthy');
      return rows.length === 2 && isHealthy && rows.some(({ word }) => word === 'active');
    });
  });

  test('come back when they are killed, and end with 0 when they are stopped', async () => {
    await host.run('systemctl', 'kill', '--signal=SIGKILL', ...WORKERS.map(unitOf));
    for (const worker of WORKERS) {
      await until(`${worker} is back`, async () => (await show(worker, 'NRestarts')) === '1');
      await until(`${worker} is active`, async () => (await show(worker, 'ActiveState')) === 'active');
    }
    await until('all vouch for the host again', async () => {
      const { rows } = await db.pool.query(
        'select least(lease_until, connector_lease_until, health_lease_until) > now() as alive from hosts',
      );
      return rows[0]?.alive;
    });
    await host.run('systemctl', 'stop', ...WORKERS.map(unitOf));
    for (const worker of WORKERS) expect(await show(worker, 'Result'), worker).toBe('success');
    expect((await fetchThroughEdge(installation.environment, 'kunde.de')).status).toBe(200);
  });

  test('are not started again and again with a wrong configuration', async () => {
    await host.run('sh', '-c', 'echo CHECK_INTERVAL_SECONDS=never >>/etc/berth/berth.env');
    await host.run('systemctl', 'start', '--no-block', unitOf('health-worker'));
    await until('it has failed', async () => (await show('health-worker', 'ActiveState')) === 'failed');
    expect(await show('health-worker', 'ExecMainStatus')).toBe('78');
  });
});
