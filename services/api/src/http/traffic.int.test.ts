import { ensureTrafficPartitions } from '@berth/shared/store/traffic-readings';
import { untilHourLasts } from '@berth/shared/testing/hour-that-lasts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
beforeEach(async () => {
  await untilHourLasts();
  api = await startTestApi();
  await ensureTrafficPartitions(api.context.db);
});
afterEach(() => api.close());

const HOUR_MS = 3_600_000;
const hoursAgo = (hours: number) =>
  new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - hours * HOUR_MS).toISOString();

async function aSite(gives: string): Promise<string> {
  const { body } = await api.ask('POST', '/v1/orders', {
    body: anOrder(),
    headers: { 'idempotency-key': `${Math.random()}` },
  });
  await api.context.db.pool.query(
    `with a as (insert into cloudflare_accounts (id) values ('acc') on conflict (id) do update set id = excluded.id returning id),
    z as (insert into zones (account_id, cf_zone_id, name, status) select id, $1, $1, 'active' from a returning id),
    t as (insert into zone_traffic (zone_id, read_until, gives) select id, now(), $3 from z)
    update sites set zone_id = z.id from z where key = $2`,
    [body.domain, body.site, gives],
  );
  return body.site;
}
async function anHour(key: string, hour: string, more: { visitors?: number | null } = {}): Promise<void> {
  const { visitors = 2 } = more;
  const all = visitors !== null;
  await api.context.db.pool.query(
    `insert into traffic_hourly (site_id, hour, requests, bytes, cached_requests, cached_bytes, visitors, statuses, countries)
    select id, $2, 5, 500, $3, $3, $4, $5, $6 from sites where key = $1`,
    [key, hour, all ? 1 : null, visitors, all ? '{"2xx":4,"4xx":1}' : null, all ? '{"DE":3,"AT":2}' : null],
  );
}

describe('GET /v1/sites/:key/traffic', () => {
  test('answers with hours, sums and countries', async () => {
    const key = await aSite('all');
    await anHour(key, hoursAgo(3));
    await anHour(key, hoursAgo(2));
    const { status, body } = await api.ask('GET', `/v1/sites/${key}/traffic`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      site: key,
      bucket: 'hour',
      notInPlan: [],
      totals: { requests: 10, bytes: 1000, cachedRequests: 2, visitors: 4, statuses: { '2xx': 8, '4xx': 2 } },
      countries: [
        { country: 'DE', requests: 6 },
        { country: 'AT', requests: 4 },
      ],
    });
    expect(body.data.map(({ at, complete }: { at: string; complete: boolean }) => [at, complete])).toEqual([
      [hoursAgo(3), true],
      [hoursAgo(2), true],
    ]);
  });

  test('sums hours up to days, of the time that was asked for alone', async () => {
    const key = await aSite('all');
    const today = new Date().toISOString().slice(0, 10);
    await anHour(key, `${today}T00:00:00.000Z`);
    await anHour(key, `${today}T01:00:00.000Z`);
    const ask = (query: string) => api.ask('GET', `/v1/sites/${key}/traffic?bucket=day&${query}`);
    const whole = await ask(`from=${today}T00:00:00Z&to=${today}T23:59:59Z`);
    expect(whole.body.data).toMatchObject([
      { at: `${today}T00:00:00.000Z`, requests: 10, statuses: { '2xx': 8, '4xx': 2 } },
    ]);
    const part = await ask(`from=${today}T01:00:00Z&to=${today}T02:00:00Z`);
    expect(part.body.data).toMatchObject([{ requests: 5, statuses: { '2xx': 4, '4xx': 1 } }]);
  });

  test('says what the plan does not give', async () => {
    const basic = await aSite('basic');
    await anHour(basic, hoursAgo(2), { visitors: null });
    const { body } = await api.ask('GET', `/v1/sites/${basic}/traffic`);
    expect(body).toMatchObject({
      notInPlan: ['cache', 'visitors', 'statuses', 'countries'],
      countries: null,
      totals: { requests: 5, visitors: null, statuses: null },
    });
    const nothing = await api.ask('GET', `/v1/sites/${await aSite('nothing')}/traffic`);
    expect(nothing.body).toMatchObject({ data: [], notInPlan: expect.arrayContaining(['requests', 'visitors']) });
  });

  test('says that nothing was read yet', async () => {
    const { body } = await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'fresh' } });
    const traffic = await api.ask('GET', `/v1/sites/${body.site}/traffic`);
    expect(traffic.body).toMatchObject({ readUntil: null, data: [], notInPlan: [] });
  });

  test('refuses spans that end before they begin, are too long, or are none', async () => {
    const key = await aSite('all');
    for (const query of [
      'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
      'from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&bucket=hour',
      'from=2020-01-01T00:00:00Z&to=2026-03-01T00:00:00Z',
      'from=yesterday',
      'bucket=minute',
    ]) {
      const { status, body } = await api.ask('GET', `/v1/sites/${key}/traffic?${query}`);
      expect([query, status]).toEqual([query, 422]);
      expect(body.errors[0].pointer).toContain('#query');
    }
  });
});
