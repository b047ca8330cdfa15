import { closeIncidents, openIncidents } from '@berth/shared/store/incidents';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNotifierWorld, type NotifierWorld, type TestSite } from '../testing/notifier-world.ts';
import { type Receiver, startReceiver } from '../testing/receiver.ts';

const MINUTE = 60_000;

let world: NotifierWorld;
let receiver: Receiver;
let sites: TestSite[];

beforeEach(async () => {
  receiver = await startReceiver();
  world = await makeNotifierWorld();
  await world.endpoint(receiver.url, ['site.down', 'site.recovered']);
  await query(`insert into hosts (id) values ('h1')`);
  sites = [await world.order(), await world.order(), await world.order()];
  await query(`update sites set live_at = now()`);
  await query(
    `insert into placements (site_id, host_id, slot, port) select id, 'h1', row_number() over (), 3100 + row_number() over () from sites`,
  );
  await query(
    `insert into site_health (placement_id, aspect, site_id, host_id, outcome) select id, 'container', site_id, 'h1', 'healthy' from placements`,
  );
});
afterEach(async () => {
  await receiver.stop();
  await world.close();
});

const query = (text: string, values: unknown[] = []) => world.db.pool.query(text, values);
const see = (outcome: string, ...those: (TestSite | undefined)[]) =>
  query(`update site_health set outcome = $1, checked_at = now() where site_id = any($2::uuid[])`, [
    outcome,
    those.map((site) => site?.siteId),
  ]);
const ofHost = (kind: string) => ({
  kind,
  hostId: 'h1',
  siteId: null,
  aspect: null,
  reason: 'Together',
  message: 'it fails',
  data: {},
});
const open = (kind: string) => openIncidents(world.db.pool as never, [ofHost(kind)]);
const after = async (ms: number) => {
  await query(`update incidents set recorded_at = recorded_at - $1::float8 * interval '1 ms'`, [ms]);
  await world.notifier().settle();
};
const told = () =>
  receiver.received.map(({ body }) => {
    const { type, data } = JSON.parse(body);
    return [type, data.site, data.aspect];
  });
const keys = (...at: number[]) => at.map((index) => sites[index]?.key);

describe('sites that are down because of their host', () => {
  test('are told to be down once it is sure, each once, and to be well again', async () => {
    await see('unreachable', sites[0], sites[1]);
    await open('containers-failing');
    await after(0);
    expect(told()).toEqual([]);
    await after(MINUTE);
    await after(MINUTE);
    const down = keys(0, 1).map((key) => ['site.down', key, 'host']);
    expect(told()).toHaveLength(2);
    expect(told()).toEqual(expect.arrayContaining(down));
    await see('healthy', sites[0], sites[1]);
    await query(`update incidents set closed_at = now()`);
    await after(0);
    await after(0);
    expect(told()).toHaveLength(4);
    expect(told().slice(2)).toEqual(expect.arrayContaining(keys(0, 1).map((key) => ['site.recovered', key, 'host'])));
    const since = receiver.received.slice(2).map(({ body }) => JSON.parse(body).data.since);
    expect(since).not.toContain(null);
  });

  test('are not told to be well while they still fail, and then by an incident of their own', async () => {
    await see('unreachable', sites[0]);
    await open('containers-failing');
    await after(MINUTE);
    await query(`update incidents set closed_at = now()`);
    await after(0);
    expect(told()).toHaveLength(1);
    const own = { siteId: sites[0]?.siteId ?? '', hostId: 'h1', aspect: 'container' as const };
    await openIncidents(world.db.pool as never, [{ ...ofHost('container-down'), ...own }]);
    await after(0);
    await see('healthy', sites[0]);
    await closeIncidents(world.db.pool as never, [own]);
    await after(MINUTE);
    expect(told()).toHaveLength(1);
    expect((await query('select from host_outages')).rowCount).toBe(0);
  });

  test('are told when nobody on the host says anything any more, not when their looks go on', async () => {
    await open('host-down');
    await after(MINUTE);
    expect(told()).toEqual([]);
    await query(`update site_health set checked_at = now() - interval '1 hour' where site_id = $1`, [sites[2]?.siteId]);
    await after(0);
    expect(told()).toEqual([['site.down', sites[2]?.key, 'host']]);
  });

  test('are not told of where only their health-worker is silent, nor once they are to go', async () => {
    await see('unreachable', ...sites);
    await open('host-unwatched');
    await after(MINUTE);
    expect(told()).toEqual([]);
    await query(`update sites set wanted = 'deleted'`);
    await open('containers-failing');
    await after(MINUTE);
    expect(told()).toEqual([]);
  });
});
