import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilBlocked } from '../testing/blocked-statements.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { openCloudflareAccount } from './cloudflare-accounts.ts';
import { type Database, openDatabase } from './database.ts';
import { bindZone, recordZones } from './zones.ts';

describe('zones, under races,', () => {
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, max: 20 });
    await openCloudflareAccount(db, 'account');
  });
  afterAll(async () => {
    await db.close();
    await drop();
  });

  const zone = (cfZoneId: string, status: 'pending' | 'active' = 'pending') => ({
    cfZoneId,
    name: `${cfZoneId}.example`,
    status,
    nameServers: ['ada.ns.example', 'bob.ns.example'],
    originalNameServers: [],
    everActive: status === 'active',
    createdAt: new Date(),
  });
  async function makeSite(): Promise<{ siteId: string; conditionId: string }> {
    const [one] = await makeConditions(db, { aspect: 'zone' });
    if (!one) throw new Error('no site made');
    return one;
  }
  const bind = (siteId: string, cfZoneId: string) =>
    bindZone(db, { siteId, accountId: 'account', zone: zone(cfZoneId), madeByUs: true });

  test('wake a site that was bound while their change was written down', async () => {
    const [first, second] = [await makeSite(), await makeSite()];
    await bind(first.siteId, 'shared');
    const other = await db.pool.connect();
    try {
      await other.query('begin');
      await other.query(`select from zones where cf_zone_id = 'shared' for update`);
      const recording = recordZones(db, 'account', [zone('shared', 'active')]);
      await untilBlocked(db);
      await other.query(`update sites set zone_id = (select id from zones where cf_zone_id = 'shared') where id = $1`, [
        second.siteId,
      ]);
      await other.query('commit');
      const woken = (await recording).map((hint) => hint.conditionId);
      expect(woken.sort()).toEqual([first.conditionId, second.conditionId].sort());
    } finally {
      other.release();
    }
  });

  test('are bound and written down at once without a deadlock', async () => {
    const deadlocks = async () =>
      (await db.pool.query('select deadlocks::int as n from pg_stat_database where datname = current_database()'))
        .rows[0].n;
    const before = await deadlocks();
    const sites = await Promise.all(Array.from({ length: 10 }, makeSite));
    const names = sites.map((_, n) => `many-${n}`);
    for (let round = 0; round < 10; round += 1) {
      const status = round % 2 ? 'active' : 'pending';
      const seen = names.map((name) => zone(name, status));
      await Promise.all([
        ...sites.map((site, n) => bind(site.siteId, names[n] ?? '')),
        recordZones(db, 'account', seen),
        recordZones(db, 'account', [...seen].reverse()),
      ]);
    }
    expect(await deadlocks()).toBe(before);
  });
});
