import type { Readable } from 'node:stream';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, makeApiClient } from '../../support/api-client.ts';
import { fetchThroughEdge } from '../../support/edge.ts';
import { until } from '../../support/until.ts';
import { runInContainer } from '../docker/run-in-container.ts';
import { importSiteImages } from '../engine/site-images.ts';
import { type Installation, openInstallation } from './open-installation.ts';
import type { WorkHost } from './work-host.ts';

const KEYS = ['erika', 'radhaus', 'mueller', 'hungry'];
const INTERVAL_MS = 3000;
const SETTINGS = {
  CHECK_INTERVAL_SECONDS: String(INTERVAL_MS / 1000),
  // A busy machine may leave a container that is well without its turn for some seconds: how long one is waited for is the usual.
  HEALTH_START_SECONDS: '20',
  // The hosts of these tests can't reach the simulated edge.
  EDGE_CHECK_SECONDS: '0',
};

let database: TestDatabase;
let db: Database;
let installation: Installation;
let api: ApiClient;
let host: WorkHost;

beforeAll(async () => {
  database = await makeTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  const options = { databaseUrl: database.url, hosts: ['alpha'], activateAfterMs: 100, settings: SETTINGS };
  installation = await openInstallation(options);
  const [only] = installation.hosts;
  if (!only) throw new Error('there is no host');
  host = only;
  await importSiteImages(host.docker, 'berth-test/hungry:1');
  const { key, prefix, hash } = makeApiKey(systemChance);
  await createApiKey(db, { name: 'test', prefix, hash, scopes: ['admin'], expiresAt: null });
  api = makeApiClient(installation.apiUrl, key);
  for (const id of KEYS) {
    const image = id === 'hungry' ? 'berth-test/hungry:1' : 'berth-test/site:1';
    const answer = await api.order({ orderId: id, domain: `${id}.de`, image, customer: { id } });
    expect(answer.status, answer.text).toBe(202);
  }
  for (const id of KEYS) await api.untilState(id, 'online');
  for (const id of KEYS) await untilWell(id);
});
afterAll(async () => {
  await installation?.close();
  await db?.close();
  await database?.drop();
});

const health = async (key: string) => (await api.ask('GET', `/v1/sites/${key}/health`)).body;
const serves = async (key: string) =>
  (await fetchThroughEdge(installation.environment, `${key}.de`).catch(() => undefined))?.status === 200;
const untilServing = (key: string) => until(`${key} serves`, () => serves(key));
const untilWell = (key: string) => until(`${key} is well`, async () => (await health(key)).outcome === 'healthy');
const containerOf = (key: string) => host.docker.getContainer(`customer-${key}`);
const unitOf = (key: string) => `cloudflared-customer-${key}.service`;

/** Restarts that the health-worker asked for. */
async function restartsOf(key: string): Promise<string[]> {
  const { rows } = await db.pool.query<{ target: string }>(
    `select o.target from operations o join sites s on s.id = o.site_id where s.key = $1 and o.requested_by = 'health' order by o.created_at`,
    [key],
  );
  return rows.map(({ target }) => target);
}

/** The loop is over when nobody remembers its starts, nor a look that has read them before: what it finds isn't written. */
async function forget(key: string): Promise<void> {
  await db.pool.query(
    `update site_health h set restarts = '[]', step = 0, restart_after = null, version = version + 1 from sites s
    where s.id = h.site_id and s.key = $1`,
    [key],
  );
}

/** Figures for whoever reads the run: a machine that tests has no time of its own to promise. */
function say(what: string, fromMs: number): void {
  process.stderr.write(`${what}: ${((performance.now() - fromMs) / 1000).toFixed(2)} s\n`);
}

async function pidOf(key: string): Promise<number> {
  return (await containerOf(key).inspect()).State.Pid;
}

describe('the health-worker, on a machine with a real Docker Engine and a real systemd,', () => {
  test('has a container that was killed serve again', async () => {
    await containerOf('erika').kill();
    const from = performance.now();
    await untilServing('erika');
    say('killed, and serves again', from);
    expect(await restartsOf('erika')).toEqual(['container']);
    await untilWell('erika');
  });

  test('restarts one that hangs, and tells it once', async () => {
    await runInContainer(host.docker, 'customer-radhaus', 'kill -STOP $(pidof httpd)');
    const from = performance.now();
    await until('it was restarted', async () => (await restartsOf('radhaus')).length > 0);
    say(`hung, and its restart is wanted (an interval is ${INTERVAL_MS / 1000} s)`, from);
    await untilServing('radhaus');
    await until('the incident is over', async () => {
      const { incidents } = await health('radhaus');
      return incidents.length > 0 && incidents.every(({ closedAt }: { closedAt: string | null }) => closedAt !== null);
    });
    expect((await health('radhaus')).incidents).toMatchObject([
      { kind: 'container-down', reason: 'Timeout', restarts: 1 },
    ]);
    expect(await restartsOf('radhaus')).toEqual(['container']);
  });

  test('sees that one ran out of memory and that Docker started it again', async () => {
    const since = Math.floor(Date.now() / 1000);
    await runInContainer(host.docker, 'customer-hungry', 'touch /tmp/eat');
    const restarts = async () => (await health('hungry')).aspects[0]?.restarts ?? [];
    await until('its end is known', async () => (await restarts()).length > 0);
    // Docker says so where the kernel tells it: some with control groups of the first version don't.
    const filters = { event: ['oom'], container: ['customer-hungry'] };
    const events = await host.docker.getEvents({ since, until: Math.ceil(Date.now() / 1000), filters });
    const told = (await (events as Readable).toArray()).length > 0;
    expect((await restarts())[0]).toMatchObject({ by: 'docker', reason: told ? 'OutOfMemory' : 'Exited' });
    await untilServing('hungry');
    await untilWell('hungry');
    expect(await restartsOf('hungry')).toEqual([]);
  });

  test('leaves one that crashes again and again to Docker, and tells of one loop', async () => {
    let killed = 0;
    for (let crash = 0; crash < 6; crash += 1) {
      const last = killed;
      // Docker names the one that was killed until it hears of its end, and then none: number 0 would be this process itself.
      killed = await until('it runs', async () => {
        const pid = await pidOf('mueller');
        return pid > 0 && pid !== last && pid;
      });
      process.kill(killed, 'SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const open = async () =>
      (await health('mueller')).incidents.filter(({ closedAt }: { closedAt: string | null }) => closedAt === null);
    await until('the loop is told', async () => (await open())[0]?.kind === 'crash-looping');
    expect(await open()).toHaveLength(1);
    expect(await restartsOf('mueller')).toEqual([]);
    await forget('mueller');
    await untilWell('mueller');
    await untilServing('mueller');
  });

  test('sees that a tunnel was killed and that systemd started it again', async () => {
    const tunnel = async () =>
      (await health('erika')).aspects.find(({ aspect }: { aspect: string }) => aspect === 'tunnel');
    const before = await tunnel();
    await host.run('systemctl', 'kill', '--signal=KILL', unitOf('erika'));
    await until('its start is known', async () => (await tunnel())?.restarts.length > (before?.restarts.length ?? 0));
    expect((await tunnel())?.restarts[0]).toMatchObject({ by: 'systemd' });
    await untilWell('erika');
    expect(await restartsOf('erika')).toEqual(['container']);
  });

  test('starts a tunnel that failed, and one that was stopped', async () => {
    const override = `/run/systemd/system/${unitOf('radhaus')}.d`;
    const script = `mkdir -p ${override} && printf '[Service]\\nRestart=no\\n' >${override}/no.conf && systemctl daemon-reload && systemctl kill --signal=KILL ${unitOf('radhaus')}`;
    await host.run('sh', '-c', script);
    await until('it is restarted', async () => (await restartsOf('radhaus')).includes('tunnel'));
    await untilServing('radhaus');
    await host.run('systemctl', 'stop', unitOf('mueller'));
    await until('it is started', async () => (await restartsOf('mueller')).includes('tunnel'));
    await untilServing('mueller');
    for (const key of ['radhaus', 'mueller']) await untilWell(key);
  });

  test('has a tunnel enabled again that would not start with the machine', async () => {
    await host.run('systemctl', 'disable', unitOf('mueller'));
    // Units are asked for that every five minutes, and when the worker starts.
    await host.run('systemctl', 'restart', 'berth-health-worker');
    await until(
      'it is enabled',
      async () => (await host.run('systemctl', 'is-enabled', unitOf('mueller'))).stdout === 'enabled',
    );
  });

  test('restarts nothing when Docker is restarted, and says that it was away', async () => {
    const all = async () => (await Promise.all(KEYS.map(restartsOf))).flat().length;
    const before = await all();
    const ranBefore = await Promise.all(KEYS.map(pidOf));
    await host.daemon.end('SIGTERM');
    const away = () =>
      db.pool.query(
        `select closed_at is not null as closed from incidents where host_id = 'alpha' and kind = 'docker-away'`,
      );
    await until('it is told', async () => (await away()).rows.length > 0);
    await host.daemon.start();
    await until('it is over', async () => (await away()).rows.every(({ closed }) => closed));
    for (const key of KEYS) {
      await untilWell(key);
      await untilServing(key);
    }
    expect(await all()).toBe(before);
    expect(await Promise.all(KEYS.map(pidOf))).toEqual(ranBefore);
  });
});
