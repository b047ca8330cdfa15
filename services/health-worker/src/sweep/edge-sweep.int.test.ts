import { randomBytes } from 'node:crypto';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeLiveSites } from '@berth/shared/testing/live-sites';
import { makeTestDatabase, type TestDatabase } from '@berth/shared/testing/test-database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEdgeSweep } from './edge-sweep.ts';

const HOST = 'one';
const KEYS = ['a', 'b', 'c'];

let made: TestDatabase;
let db: Database;
const vault = makeVault(new Secret(randomBytes(32).toString('base64')));
/** what happens while the edge is asked */
let meanwhile = async () => {};

beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url });
  await makeLiveSites(db, { host: HOST, keys: KEYS, firstPort: 3100 });
  await db.pool.query(`insert into site_hostnames (site_id, name, kind) select id, domain, 'apex' from sites`);
  await db.pool.query(
    `update sites set tunnel_id = 'tunnel-of-' || key, tunnel_secret_enc = $1, proof_secret_enc = $1`,
    [vault.encrypt('secret')],
  );
});
afterAll(async () => {
  await db.close();
  await made.drop();
});

const sweep = () =>
  makeEdgeSweep({
    db,
    hostId: HOST,
    clock: systemClock,
    hints: noHints,
    vault,
    probe: {
      look: async () => {
        await meanwhile();
        return { kind: 'failing', status: 502 };
      },
    },
    rules: { failuresToAct: 2, startMs: 1, intervalMs: 60_000 },
  })(new AbortController().signal);

const incidents = async () => (await db.pool.query('select kind from incidents where closed_at is null')).rows;
const failures = async () =>
  (await db.pool.query<{ failures: number }>(`select failures from site_health where aspect = 'edge'`)).rows.map(
    (row) => row.failures,
  );

describe('that sites fail through the edge', () => {
  test('is not said of the edge where their containers were found to hang while it was asked', async () => {
    meanwhile = async () => {
      await db.pool.query(
        `insert into site_health (placement_id, aspect, site_id, host_id, outcome, reason, failures, restarts, step, checked_at, version, interval_ms)
        select id, 'container', site_id, host_id, 'unreachable', 'Timeout', 1, '[]', 0, now(), 1, 60000 from placements on conflict do nothing`,
      );
    };
    await sweep();
    expect(await failures()).toEqual([0, 0, 0]);
    expect(await incidents()).toEqual([]);
  });

  test('is said of it where nothing else is wrong with them', async () => {
    meanwhile = async () => {};
    await db.pool.query(`update site_health set outcome = 'healthy', failures = 0 where aspect = 'container'`);
    await sweep();
    expect(await failures()).toEqual([1, 1, 1]);
    expect(await incidents()).toEqual([{ kind: 'edge-failing' }]);
  });
});
