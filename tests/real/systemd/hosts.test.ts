import type { Host } from '@berth/contract/host';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, makeApiClient } from '../../support/api-client.ts';
import { fetchThroughEdge } from '../../support/edge.ts';
import { until } from '../../support/until.ts';
import { type Installation, openInstallation } from './open-installation.ts';
import type { WorkHost } from './work-host.ts';

/** So long no host of this test is silent by itself; that it was is written down. */
const DOWN_SECONDS = 600;
const ORDERS = 60;
/** Of the late orders so many go live before a host is lost. */
const LIVE_BEFORE = 8;

let database: TestDatabase;
let db: Database;
let installation: Installation;
let api: ApiClient;
beforeAll(async () => {
  database = await makeTestDatabase();
  db = openDatabase({ url: database.url, max: 2 });
  installation = await openInstallation({
    databaseUrl: database.url,
    hosts: ['alpha', 'beta'],
    activateAfterMs: 100,
    // Either has room for all of them, whatever this machine has.
    settings: { HOST_DOWN_SECONDS: String(DOWN_SECONDS), HOST_MEMORY: '64g' },
  });
  const { key, prefix, hash } = makeApiKey(systemChance);
  await createApiKey(db, { name: 'test', prefix, hash, scopes: ['admin'], expiresAt: null });
  api = makeApiClient(installation.apiUrl, key);
  // Whichever registered first would be given all that is ordered until the other has.
  await until('both are ready', async () => {
    const { body } = await api.ask('GET', '/v1/hosts');
    return body.data.filter(({ state }: Host) => state === 'ready').length === 2;
  });
});
afterAll(async () => {
  await installation?.close();
  await db?.close();
  await database?.drop();
});

async function order(id: string): Promise<void> {
  const customer = { id };
  const answer = await api.order({ orderId: id, domain: `${id}.de`, image: 'berth-test/site:1', customer });
  expect(answer.status, answer.text).toBe(202);
}

/** One host has to take all that were not live on the other. */
const untilLive = (ids: readonly string[]) =>
  until(
    `${ids.length} sites are live`,
    async () => {
      const counted = 'select count(*)::int as n from sites where key = any($1) and live_at is not null';
      return (await db.pool.query(counted, [ids])).rows[0]?.n === ids.length;
    },
    400_000,
  );

const live = (ids: readonly string[]) => Promise.all(ids.map((id) => api.untilState(id, 'online')));

/** What there is of sites on a machine, by Docker, systemd and the files. */
async function traces({ docker, run }: WorkHost): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  const networks = await docker.listNetworks();
  const { stdout: units } = await run('systemctl', 'list-units', 'cloudflared-*', '--all', '--plain', '--no-legend');
  const { stdout: files } = await run('find', '/etc/cloudflared', '/etc/systemd/system', '-name', '*customer-*');
  return [
    ...containers.map(({ Names }) => `container ${Names[0]?.slice(1)}`),
    ...networks.map(({ Name }) => `network ${Name}`).filter((name) => name.includes('customer-')),
    ...units
      .split('\n')
      .filter(Boolean)
      .map((line) => `unit ${line.split(' ')[0]}`),
    ...files
      .split('\n')
      .filter(Boolean)
      .map((file) => `file ${file}`),
  ].sort();
}

/** The sites that a machine serves, live or not yet. */
async function placedOn(id: string, isLive: boolean): Promise<string[]> {
  const { rows } = await db.pool.query(
    `select s.key from placements p join sites s on s.id = p.site_id
    where p.host_id = $1 and p.wanted = 'serving' and (s.live_at is not null) = $2 order by s.key`,
    [id, isLive],
  );
  return rows.map(({ key }) => key);
}

const named = (all: readonly string[], id: string) => all.filter((trace) => trace.includes(`customer-${id}`));

describe('two machines, each with a network, a Docker Engine and a systemd of its own,', () => {
  const first = ['erika', 'radhaus', 'mueller', 'nord'];

  test('share the sites, which take the same ports on each and answer through the edge', async () => {
    for (const id of first) await order(id);
    const sites = await live(first);
    const portsOn = (id: string) =>
      sites.flatMap(({ placement }) => (placement?.host === id ? [placement.port] : [])).sort();
    expect([portsOn('alpha'), portsOn('beta')]).toEqual([
      [3100, 3101],
      [3100, 3101],
    ]);
    for (const id of first) {
      for (const name of [`${id}.de`, `www.${id}.de`]) {
        const page = await fetchThroughEdge(installation.environment, name);
        expect(page).toMatchObject({ status: 200, body: 'berth-test/site:1\n' });
      }
    }
    for (const host of installation.hosts) {
      const all = await traces(host);
      for (const { key, placement } of sites) {
        expect(named(all, key)).toEqual(
          placement?.host !== host.id
            ? []
            : [
                `container customer-${key}`,
                `file /etc/cloudflared/customer-${key}.json`,
                `file /etc/cloudflared/customer-${key}.yml`,
                `file /etc/systemd/system/cloudflared-customer-${key}.service`,
                `file /etc/systemd/system/multi-user.target.wants/cloudflared-customer-${key}.service`,
                `network customer-${key}`,
                `unit cloudflared-customer-${key}.service`,
              ],
        );
      }
    }
  });

  test('keep nothing of a site that is deleted, and all of the others', async () => {
    const before = await Promise.all(installation.hosts.map(traces));
    const deletion = await api.ask('DELETE', '/v1/sites/erika', { body: { domain: 'erika.de' } });
    expect(await api.untilDone(deletion.body.url)).toMatchObject({ status: 'succeeded' });
    const after = await Promise.all(installation.hosts.map(traces));
    expect(after).toEqual(before.map((all) => all.filter((trace) => !named([trace], 'erika').length)));
  });

  test('lose one in the middle of many orders: what was not live on it goes live on the other, and serves there alone', {
    timeout: 600_000,
  }, async () => {
    const [alpha, beta] = installation.hosts;
    const late = Array.from({ length: ORDERS - first.length }, (_, index) => `late${index + 1}`);
    const [early, underWay] = [late.slice(0, LIVE_BEFORE), late.slice(LIVE_BEFORE)];
    for (const id of early) await order(id);
    await live(early);
    // Those are under way until their host is lost, though their containers and their connectors are up: none goes live in that moment.
    const { control } = installation.cloudflare;
    for (const id of underWay) await control.holdCertificate(`${id}.de`);
    for (const id of underWay) await order(id);
    await until('connectors of sites under way run on beta', async () => {
      const all = beta ? await traces(beta) : [];
      return underWay.filter((id) => all.includes(`unit cloudflared-customer-${id}.service`)).length > 3;
    });
    await beta?.kill();
    for (const id of underWay) await control.issueCertificate(`${id}.de`);
    const [kept, moved] = [await placedOn('beta', true), await placedOn('beta', false)];
    expect(moved.length).toBeGreaterThan(3);
    await db.pool.query(
      `update hosts set lease_until = now() - $1::float8 * interval '1 s', connector_lease_until = now() - $1::float8 * interval '1 s'
        where id = 'beta'`,
      [DOWN_SECONDS + 1],
    );
    await untilLive(late);
    expect([await placedOn('beta', true), await placedOn('beta', false)]).toEqual([kept, []]);
    for (const id of late.filter((one) => !kept.includes(one))) {
      expect((await fetchThroughEdge(installation.environment, `${id}.de`)).status, id).toBe(200);
    }
    const onAlpha = alpha ? await traces(alpha) : [];
    for (const id of moved) expect(onAlpha).toContain(`container customer-${id}`);
    for (const id of kept) expect(onAlpha).not.toContain(`container customer-${id}`);
    for (const { name, connectors } of await control.listTunnels()) {
      expect(connectors.length, name).toBeLessThan(2);
    }
    expect((await api.ask('GET', '/v1/hosts/beta')).body).toMatchObject({ state: 'down', reason: 'LeaseExpired' });
  });
});
