import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveSite, makeLiveSites } from '../testing/live-sites.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Database, openDatabase } from './database.ts';
import { type HealthFindings, recordHealth } from './health.ts';
import { ensureHealthPartitions } from './health-partitions.ts';

let made: TestDatabase;
let db: Database;
let sites: LiveSite[];

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  await ensureHealthPartitions(db);
  sites = await makeLiveSites(db, { host: 'one', keys: ['a', 'b', 'c'], firstPort: 3100 });
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

const at = (index: number): LiveSite => sites[index] as LiveSite;

/** A container that hangs for long enough to be restarted. */
async function restartOf({ placementId, siteId }: LiveSite, word: string | null = 'running'): Promise<HealthFindings> {
  const { rows } = await db.pool.query<{ ms: number; version: string | null }>(
    `select (extract(epoch from now()) * 1000)::float8 as ms, (select version from site_health where placement_id = $1) as version`,
    [placementId],
  );
  const atMs = rows[0]?.ms ?? 0;
  const of = { placementId, siteId, aspect: 'container' } as const;
  const standing = {
    ...({
      outcome: 'unreachable',
      reason: 'Timeout',
      code: null,
      latencyMs: 10_000,
      error: 'no answer',
      word,
    } as const),
    ...{ failures: 2, failingSince: atMs, healthySince: null, connections: null, run: null, restarts: [], step: 1 },
    ...{ restartAfter: atMs + 10_000, restartedAt: atMs },
  } as const;
  const rest = { containerId: null, restarted: 1, intervalMs: 60_000, version: Number(rows[0]?.version ?? 0) };
  const open = { ...of, kind: 'container-down', hostId: 'one', reason: 'Timeout', message: 'no answer', data: {} };
  return {
    ...{ hostId: 'one', atMs, swept: true, openOfHost: [], closeOfHost: [] },
    seen: [{ ...of, ...rest, standing: { ...standing, restarts: [] } }],
    consequences: [{ ...of, restart: 'container', open, wakes: [{ aspect: 'container', placementId }] }],
  };
}

/** All that could be left of it. */
async function leftOf({ siteId }: LiveSite) {
  const { rows } = await db.pool.query(
    `select s.container_restart as restarts, (select count(*)::int from operations o where o.site_id = s.id) as operations,
      (select count(*)::int from incidents i where i.site_id = s.id) as incidents,
      (select count(*)::int from site_health h where h.site_id = s.id) as standings,
      (select count(*)::int from health_checks c join placements p on p.id = c.placement_id where p.site_id = s.id) as checks
    from sites s where s.id = $1`,
    [siteId],
  );
  return rows[0];
}

describe('recordHealth', () => {
  test('leaves nothing behind when the process dies between the restart and the rest, and all of it the next time', async () => {
    const holder = await db.pool.connect();
    await holder.query('begin; lock table incidents in access exclusive mode');
    const dying = recordHealth(db, await restartOf(at(0)));
    const ended = expect(dying).rejects.toThrow();
    await expect
      .poll(async () => {
        // As the server does with the connection of a process that is gone.
        const { rows } = await holder.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        );
        return rows.length;
      })
      .toBeGreaterThan(0);
    await ended;
    await holder.query('rollback');
    holder.release();
    const none = { restarts: 0, operations: 0, incidents: 0, standings: 0, checks: 0 };
    expect(await leftOf(at(0))).toEqual(none);
    await recordHealth(db, await restartOf(at(0)));
    expect(await leftOf(at(0))).toEqual({ restarts: 1, operations: 1, incidents: 1, standings: 1, checks: 1 });
  });

  test('of two who looked at once, one has its restart', async () => {
    const findings = await restartOf(at(1));
    const both = await Promise.all([recordHealth(db, findings), recordHealth(db, findings)]);
    expect(both.map(({ missed }) => missed.length).sort()).toEqual([0, 1]);
    expect(await leftOf(at(1))).toEqual({ restarts: 1, operations: 1, incidents: 1, standings: 1, checks: 1 });
  });

  test('makes the partition of a day to which the clock has jumped', async () => {
    const { rows } = await db.pool.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'health'`,
    );
    for (const { name } of rows) await db.pool.query(`drop table health.${name}`);
    await recordHealth(db, await restartOf(at(2)));
    expect(await leftOf(at(2))).toMatchObject({ restarts: 1, checks: 1 });
  });

  test('keeps the last word of Docker, with its time, while Docker says nothing', async () => {
    const word = async () =>
      (await db.pool.query('select word, word_at from site_health where placement_id = $1', [at(2).placementId])).rows;
    const before = await word();
    expect(before).toEqual([{ word: 'running', word_at: expect.any(Date) }]);
    await recordHealth(db, await restartOf(at(2), null));
    expect(await word()).toEqual(before);
  });
});
