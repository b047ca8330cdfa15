import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settled } from '../domain/outcome.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { makeProtocol } from '../store/protocol.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { systemChance } from './chance.ts';
import { systemClock } from './clock.ts';
import { noHints } from './hints.ts';
import { silentLog } from './log.ts';
import { makeLoop } from './loop.ts';
import { type Metrics, makeMetrics } from './metrics.ts';
import { serveMetrics } from './serve-metrics.ts';

describe('a process that serves its metrics', () => {
  let db: Database;
  let drop: () => Promise<void>;
  let metrics: Metrics;
  let served: Awaited<ReturnType<typeof serveMetrics>>;

  beforeEach(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url, onIdleError: () => undefined });
    metrics = makeMetrics();
    served = await serveMetrics({ address: { host: '127.0.0.1', port: 0 }, metrics, db, log: silentLog });
  });
  afterEach(async () => {
    await served.drain(0);
    await db.close();
    await drop();
  });

  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`${served.url}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };

  test('counts the looks of its loop by aspect and result', async () => {
    const [row] = await makeConditions(db);
    const loop = makeLoop({
      protocol: makeProtocol(db),
      serves: { domain: { zone: async () => settled('Fine') } },
      hints: noHints,
      clock: systemClock,
      chance: systemChance,
      log: silentLog,
      metrics,
      owner: 'one',
    });
    await loop.run(row?.conditionId ?? '');
    const { text } = await get('/metrics');
    expect(text).toContain('berth_reconcile_duration_seconds_count{aspect="zone",result="recorded"} 1');
    expect(text).toContain('process_cpu_seconds_total');
  });

  test('is ready as long as its database answers, and alive without it', async () => {
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ok\n' });
    await db.pool.end();
    expect(await get('/readyz')).toEqual({ status: 503, text: 'not ready\n' });
    expect(await get('/livez')).toEqual({ status: 200, text: 'ok\n' });
  });

  test('answers nothing else', async () => {
    expect((await get('/metrics', 'POST')).status).toBe(404);
    expect((await get('/..%2f')).status).toBe(404);
    expect((await get('//')).status).toBe(404);
  });

  test('says which setting to change when its address is taken', async () => {
    const port = Number(new URL(served.url).port);
    const again = serveMetrics({ address: { host: '127.0.0.1', port }, metrics: makeMetrics(), db, log: silentLog });
    await expect(again).rejects.toThrow(`METRICS_ADDRESS: 127.0.0.1:${port} is in use`);
  });
});
