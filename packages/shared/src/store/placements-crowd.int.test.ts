import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeConditions } from '../testing/condition-rows.ts';
import { letHostsLast } from '../testing/let-hosts-last.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { registerHost } from './hosts.ts';
import { type Placing, placeSite } from './place-sites.ts';
import { freePlacement, replacePlacementPort } from './placements.ts';
import { makeProtocol, type Protocol } from './protocol.ts';

const PORTS = 100;

describe('a port, where many more sites wait than there are ports,', () => {
  let db: Database;
  let protocol: Protocol;
  let drop: () => Promise<void>;
  let placements: string[];

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 20 });
    protocol = makeProtocol(db);
  });
  beforeEach(async () => {
    await db.pool.query(
      'truncate site_conditions, port_allocations, placements, hosts, sites, orders, customers cascade',
    );
    await register('alpha');
    await letHostsLast(db);
    placements = [];
    for (const { siteId } of await makeConditions(db, { count: PORTS, aspect: 'placement', queue: 'placed' })) {
      const placing = await place(siteId);
      if (placing.kind === 'placed') placements.push(placing.placement.placementId);
    }
    await db.pool.query('update site_conditions set due_at = null');
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const register = (id: string) =>
    registerHost(db, {
      id,
      customerPorts: { start: 3100, end: 3100 + PORTS - 1 },
      memoryBytes: 1e12,
      cpus: 2,
      labels: {},
      versions: {},
    });
  const place = (siteId: string): Promise<Placing> => placeSite(db, siteId);
  const deadlocks = async () =>
    (await db.pool.query('select deadlocks::int as n from pg_stat_database where datname = current_database()')).rows[0]
      .n;

  /** sites that found no port, the first of them waiting longest */
  async function makeWaiting(count: number): Promise<{ siteId: string; conditionId: string }[]> {
    const made = await makeConditions(db, { count, aspect: 'placement' });
    await db.pool.query(
      `update site_conditions c set due_at = null, status = 'false', reason = 'NoAvailablePorts',
        changed_at = now() - interval '1 hour' + w.place * interval '1 second'
      from unnest($1::uuid[]) with ordinality as w (id, place) where c.id = w.id`,
      [made.map((one) => one.conditionId)],
    );
    return made;
  }
  /** what the reconciler of aspect `placement` does, for all that are due */
  async function lookAtAllDue(): Promise<number> {
    for (let looks = 0; ; ) {
      const claimed = await protocol.claimDue('domain', 'w', 30_000, 20);
      if (claimed.length === 0) return looks;
      looks += claimed.length;
      const findings = claimed.map(async (one) => {
        const { kind } = await place(one.siteId);
        const common = { message: '', generation: 1, tries: 0, nextMs: null, gone: false };
        if (kind === 'placed') return protocol.record(one, 'w', { ...common, status: 'true', reason: 'Placed' });
        return protocol.record(one, 'w', { ...common, status: 'false', reason: 'NoAvailablePorts' });
      });
      await Promise.all(findings);
    }
  }

  test('calls those who wait longest, and not everybody', async () => {
    const waiting = await makeWaiting(300);
    const hints = await freePlacement(db, placements.pop() ?? '', 0);
    expect(hints.map((hint) => hint.conditionId).sort()).toEqual(
      waiting
        .slice(0, 3)
        .map((one) => one.conditionId)
        .sort(),
    );
    expect(await lookAtAllDue()).toBe(3);
  });

  test('calls at the end of its rest', async () => {
    const [first] = await makeWaiting(10);
    expect(await freePlacement(db, placements.pop() ?? '', 600)).toEqual([]);
    const { rows } = await db.pool.query(
      'select extract(epoch from due_at - now())::int as s from site_conditions where id = $1',
      [first?.conditionId],
    );
    expect(rows[0].s).toBeGreaterThan(590);
  });

  test('calls whom it suits: of the same kind, with no other wish, not leaving', async () => {
    const [staging, wishing, leaving, suited] = await makeWaiting(4);
    await db.pool.query(`update port_allocations set pool = 'retired' where pool = 'staging'`);
    await db.pool.query(`update sites set environment = 'staging' where id = $1`, [staging?.siteId]);
    await db.pool.query('update sites set wished_port = 3999 where id = $1', [wishing?.siteId]);
    await db.pool.query(`update sites set wanted = 'deleted' where id = $1`, [leaving?.siteId]);
    const hints = await freePlacement(db, placements.pop() ?? '', 0);
    expect(hints.map((hint) => hint.conditionId)).toEqual([suited?.conditionId]);
  });

  test('finds a site however many are freed at once, while hosts come, without a deadlock', async () => {
    await makeWaiting(300);
    const before = await deadlocks();
    const freed = placements.splice(0, 60);
    await Promise.all([
      ...freed.map((id) => freePlacement(db, id, 0)),
      ...Array.from({ length: 5 }, () => register('alpha')),
      lookAtAllDue(),
    ]);
    await lookAtAllDue();
    expect(await deadlocks()).toBe(before);
    const { rows } = await db.pool.query('select count(*)::int as n from placements where gone_at is null');
    expect(rows).toEqual([{ n: PORTS }]);
  });

  test('that rests is waited for by a few, not by all', async () => {
    for (const id of placements.splice(0, 2)) await freePlacement(db, id, 60);
    const retryOf = async (siteId: string) => {
      const answer = await place(siteId);
      return answer.kind === 'no-port' ? answer.retryMs : undefined;
    };
    const [one] = await makeConditions(db, { aspect: 'placement' });
    expect(await retryOf(one?.siteId ?? '')).toBeGreaterThan(50_000);
    await makeWaiting(5);
    expect(await retryOf(one?.siteId ?? '')).toBeGreaterThan(50_000);
    await makeWaiting(1);
    expect(await retryOf(one?.siteId ?? '')).toBeUndefined();
  });

  test('is changed while its connector and container are recorded, without a deadlock', async () => {
    const before = await deadlocks();
    const [leaving, staying] = placements;
    await freePlacement(db, leaving ?? '', 0);
    const { rows } = await db.pool.query<{ site_id: string }>('select site_id from placements where id = $1', [
      staying,
    ]);
    const siteId = rows[0]?.site_id ?? '';
    for (let round = 0; round < 20; round += 1) {
      await protocol.wake(siteId, ['container', 'connector']);
      const claimed = [
        ...(await protocol.claimDue('container-alpha', 'w', 30_000, 1)),
        ...(await protocol.claimDue('connector-alpha', 'w', 30_000, 1)),
      ];
      const status = round % 2 ? 'true' : 'false';
      await Promise.all([
        replacePlacementPort(db, staying ?? '', 'customer'),
        ...claimed.map((one) =>
          protocol.record(one, 'w', {
            status,
            reason: 'Seen',
            message: '',
            generation: 1,
            tries: 0,
            nextMs: null,
            gone: false,
          }),
        ),
      ]);
      await db.pool.query('update port_allocations set occupied_until = null');
    }
    expect(await deadlocks()).toBe(before);
  });
});
