import { isBerthError } from '@berth/shared/errors/berth-error';
import { systemClock } from '@berth/shared/runtime/clock';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { Secret } from '@berth/shared/runtime/secret';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { type CloudflareSimulator, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallKind } from './call-budget.ts';
import type { Cloudflare } from './make-cloudflare.ts';
import { openCloudflare } from './open-cloudflare.ts';

/** 10 calls at once, and one more every 20 seconds: far longer than a call waits for its turn, and than a slow machine takes for all of them. */
const PER_5_MIN = 25;

describe('the budget of an account', () => {
  let simulator: CloudflareSimulator;
  let url: string;
  let drop: () => Promise<void>;
  const open: Database[] = [];
  let first: Cloudflare;
  let second: Cloudflare;

  beforeAll(async () => {
    simulator = await startCloudflare({ profile: 'enterprise' });
    const made = await makeTestDatabase();
    url = made.url;
    drop = made.drop;
    first = await processOf();
    second = await processOf();
  });
  beforeEach(async () => {
    await shift('budget_at = null, blocked_until = null');
    await simulator.control.clearCalls();
    await simulator.control.behave();
  });
  afterAll(async () => {
    await Promise.all([simulator.stop(), ...open.map((db) => db.close())]);
    await drop();
  });

  /** The client of another process: with a pool of its own on the same database. */
  async function processOf(): Promise<Cloudflare> {
    const db = openDatabase({ url });
    open.push(db);
    const config = {
      CF_API_TOKEN: new Secret(simulator.apiToken),
      CF_ACCOUNT_ID: simulator.accountId,
      CF_API_BASE_URL: simulator.apiUrl,
      CF_BUDGET_PER_5_MIN: PER_5_MIN,
    };
    return (await openCloudflare(config, { db, clock: systemClock, metrics: makeMetrics() })).cloudflare;
  }
  const shift = (set: string) => open[0]?.pool.query(`update cloudflare_accounts set ${set}`);
  const call = (from: Cloudflare, kind: CallKind) =>
    from.call({ doing: 'listing zones', signal: new AbortController().signal, kind }, (sdk, options) =>
      sdk.zones.list({}, options),
    );
  /** @returns how many of `count` calls were let through; the others must have been told to come back later */
  async function callAtOnce(clients: Cloudflare[], count: number, kind: CallKind): Promise<number> {
    const calls = Array.from({ length: count }, (_, index) => call(clients[index % clients.length] ?? first, kind));
    const results = await Promise.allSettled(calls);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    for (const error of refused) {
      if (!isBerthError(error, 'cloudflare.rate-limited')) throw error;
      expect(error.retryAfterMs).toBeGreaterThan(0);
    }
    return count - refused.length;
  }
  const made = async () => (await simulator.control.calls()).length;

  test('is shared by all processes', async () => {
    expect(await callAtOnce([first, second], 60, 'foreground')).toBe(10);
    expect(await made()).toBe(10);
  });

  test('leaves at most three fifths of a burst to background calls, and the rest to what customers wait for', async () => {
    expect(await callAtOnce([first, second], 60, 'background')).toBe(6);
    expect(await callAtOnce([second], 60, 'foreground')).toBe(4);
  });

  test('fills again by and by, and never above its burst', async () => {
    await callAtOnce([first], 30, 'foreground');
    await shift(`budget_at = now() - interval '40 s'`);
    expect(await callAtOnce([second], 30, 'foreground')).toBe(2);
    await shift(`budget_at = now() - interval '1 day'`);
    expect(await callAtOnce([first, second], 60, 'foreground')).toBe(10);
  });

  test('makes all processes wait for as long as Cloudflare said to one of them', async () => {
    await simulator.control.misbehave({ kind: '429', retryAfterSeconds: 60 });
    await expect(call(first, 'foreground')).rejects.toMatchObject({
      code: 'cloudflare.rate-limited',
      retryAfterMs: 60_000,
    });
    await expect(call(second, 'foreground')).rejects.toMatchObject({ code: 'cloudflare.rate-limited' });
    expect(await made()).toBe(1);
    await shift(`blocked_until = blocked_until - interval '61 s'`);
    await call(second, 'foreground');
    expect(await made()).toBe(2);
  });

  test('lets a call wait that is free in a moment', async () => {
    await shift(`blocked_until = now() + interval '100 ms'`);
    await call(first, 'foreground');
    expect(await made()).toBe(1);
  });

  test('does not make others wait because background calls have none left', async () => {
    await callAtOnce([first], 30, 'background');
    await call(second, 'foreground');
    const { rows } = await (open[0] as Database).pool.query('select blocked_until from cloudflare_accounts');
    expect(rows).toEqual([{ blocked_until: null }]);
  });
});
