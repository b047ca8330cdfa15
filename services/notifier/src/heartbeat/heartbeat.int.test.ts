import { systemClock } from '@berth/shared/runtime/clock';
import { silentLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { findProblems } from '@berth/shared/store/all-well';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeHeartbeatCall } from '../adapters/heartbeat-call.ts';
import { makeNotifierWorld, type NotifierWorld } from '../testing/notifier-world.ts';
import { type Receiver, startReceiver } from '../testing/receiver.ts';
import { startHeartbeat } from './heartbeat.ts';

const LATE_MS = 300_000;

let world: NotifierWorld;
let receiver: Receiver;
let stop: () => Promise<void>;

beforeEach(async () => {
  world = await makeNotifierWorld();
  receiver = await startReceiver();
});
afterEach(async () => {
  await stop?.();
  await receiver.stop();
  await world.close();
});

const sql = (text: string) => world.db.pool.query(text);
const problems = () => findProblems(world.db, LATE_MS);
const aSiteOnAHost = async () => {
  const site = await world.order();
  await sql(
    `insert into hosts (id, lease_until, connector_lease_until) values ('h1', now() + interval '20 s', now() + interval '20 s')`,
  );
  await world.db.pool.query(`insert into placements (site_id, host_id, slot, port) values ($1, 'h1', 1, 3101)`, [
    site.siteId,
  ]);
  await sql(`update site_events set noticed_at = now()`);
};

describe('all', () => {
  test('is well with nothing, and with a site whose workers live', async () => {
    expect(await problems()).toEqual([]);
    await aSiteOnAHost();
    expect(await problems()).toEqual([]);
  });

  test.each([
    [`update hosts set connector_lease_until = now() - interval '6 minutes'`, 'no sign of life of the workers of h1'],
    [`update hosts set lease_until = null`, 'no sign of life of the workers of h1'],
    [
      `update site_conditions set due_at = now() - interval '6 minutes' where aspect = 'zone'`,
      'nobody works on what is due: domain',
    ],
    [
      `insert into health_sweeps (host_id, kind, interval_ms, due_at) values ('h1', 'host', 60000, now() - interval '6 minutes')`,
      'nobody checks the health of the sites of h1',
    ],
    [
      `with a as (insert into cloudflare_accounts (id, sweep_until) values ('a', now() - interval '6 minutes') returning id),
        z as (insert into zones (account_id, cf_zone_id, name, status) select id, 'z', 'z', 'active' from a returning id)
      update sites set zone_id = z.id from z`,
      'nobody watches zones',
    ],
    [
      `insert into deliveries (message_id, kind, channel, target, payload, due_at) values ('e', 'k', 'webhook', 't', '{}', now() - interval '6 minutes')`,
      'messages are not sent',
    ],
    [`update site_events set noticed_at = null, created_at = now() - interval '6 minutes'`, 'what happens is not told'],
  ])('is not well after %s', async (change, problem) => {
    await aSiteOnAHost();
    await sql(change);
    expect(await problems()).toEqual([problem]);
  });

  test('is well without the workers of a host that has no sites', async () => {
    await sql(`insert into hosts (id, lease_until) values ('h1', now() - interval '1 day')`);
    expect(await problems()).toEqual([]);
  });
});

describe('a sign of life', () => {
  test('is given again and again while all is well, and not when it is not or nobody can tell', async () => {
    let found: () => Promise<string[]> = async () => [];
    let asked = 0;
    ({ stop } = startHeartbeat({
      findProblems: () => {
        asked += 1;
        return found();
      },
      call: makeHeartbeatCall(new Secret(receiver.url)),
      clock: systemClock,
      log: silentLog,
      everyMs: 20,
    }));
    const further = async (count: () => number) => {
      const before = count();
      await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(before + 2);
    };
    await further(() => receiver.received.length);
    for (const bad of [
      async () => ['messages are not sent'],
      () => Promise.reject(new Error('the database is away')),
    ]) {
      found = bad;
      await further(() => asked);
      const before = receiver.received.length;
      await further(() => asked);
      expect(receiver.received.length).toBe(before);
    }
    found = async () => [];
    receiver.behave({ status: 500 });
    await further(() => receiver.received.length);
  });
});
