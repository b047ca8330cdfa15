import { ensureRequestPartitions, writeRequests } from '@berth/shared/store/request-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

describe('GET /v1/sites/:key/requests', () => {
  let api: TestApi;
  let key: string;
  let zoneId: string;
  const begin = Math.floor((Date.now() - 7_200_000) / 60_000) * 60_000;
  const at = (second: number) => new Date(begin + second * 1000).toISOString();

  beforeAll(async () => {
    api = await startTestApi();
    const { db } = api.context;
    await ensureRequestPartitions(db, 7);
    const { body } = await api.ask('POST', '/v1/orders', {
      body: anOrder(),
      headers: { 'idempotency-key': 'requests' },
    });
    key = body.site;
    const { rows } = await db.pool.query(
      `with a as (insert into cloudflare_accounts (id) values ('acc') returning id),
      z as (insert into zones (account_id, cf_zone_id, name, status) select id, $1, $1, 'active' from a returning id)
      update sites set zone_id = z.id from z where key = $2 returning sites.id, z.id as zone`,
      [body.domain, key],
    );
    zoneId = rows[0].zone;
    const request = {
      ...{ siteId: rows[0].id, host: body.domain, method: 'GET', path: '/', status: 200, country: 'DE' },
      ...{ network: '192.0.2.0/24', requests: 1, bytes: 100 },
    };
    const requests = [
      { ...request, at: at(1), path: '/prices' },
      { ...request, at: at(2), path: '/Shop/Prices', status: 404, country: 'AT' },
      { ...request, at: at(3), path: '/a', status: 500, network: '2001:db8:1::/48' },
      { ...request, at: at(3), path: '/b', network: '198.51.100.0/24' },
      { ...request, at: at(4), path: '/c', network: null, requests: 10 },
    ];
    const zone = { zoneId, sites: [{ siteId: rows[0].id, hosts: [], since: at(0) }] };
    await writeRequests(db, zone, { from: at(0), until: at(600), requests });
  });
  afterAll(() => api.close());

  const ask = (query = '', headers = {}) => api.ask('GET', `/v1/sites/${key}/requests${query}`, { headers });
  const paths = async (query = '') => (await ask(query)).body.data.map(({ path }: { path: string }) => path);

  test('answers with requests, the newest first, and how far they are known', async () => {
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      source: 'sample',
      destination: null,
      readUntil: at(600),
      skippedAt: null,
      nextCursor: null,
    });
    expect(body.data).toHaveLength(5);
    expect(body.data[0]).toMatchObject({ at: at(4), path: '/c', network: null, requests: 10, status: 200, bytes: 100 });
  });

  test('finds by path, status, country, address and time', async () => {
    expect(await paths('?path=PRICES')).toEqual(['/Shop/Prices', '/prices']);
    expect(await paths('?path=%25')).toEqual([]);
    expect(await paths('?status=404')).toEqual(['/Shop/Prices']);
    expect(await paths('?status=5xx')).toEqual(['/a']);
    expect(await paths('?country=AT')).toEqual(['/Shop/Prices']);
    expect(await paths('?address=198.51.100.9')).toEqual(['/b']);
    expect(await paths('?address=198.51.0.0/16')).toEqual(['/b']);
    expect(await paths('?address=2001:db8:1::7')).toEqual(['/a']);
    expect(await paths(`?from=${at(2)}&to=${at(3)}`)).toEqual(['/Shop/Prices']);
    expect(await paths(`?country=DE&status=2xx&address=192.0.2.1`)).toEqual(['/prices']);
  });

  test('goes on behind its cursor, in the middle of a second too', async () => {
    const seen: string[] = [];
    let query = '?limit=2';
    for (let pages = 0; query && pages < 5; pages += 1) {
      const { body, headers } = await ask(query);
      seen.push(...body.data.map(({ path }: { path: string }) => path));
      query = body.nextCursor ? `?limit=2&cursor=${body.nextCursor}` : '';
      expect(headers.get('link') !== null).toBe(query !== '');
    }
    expect(seen).toEqual(['/c', '/b', '/a', '/Shop/Prices', '/prices']);
  });

  test.each([
    'status=4',
    'status=abc',
    'country=de',
    'address=here',
    'address=192.0.2.0/33',
    'from=yesterday',
    'cursor=eDE',
    'limit=0',
    'sort=path',
    'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])('refuses %s', async (query) => {
    const { status, body } = await ask(`?${query}`);
    expect(status).toBe(422);
    expect(body.errors[0].pointer).toContain('#query');
  });

  test('says when the plan gives nothing, and when the whole log goes elsewhere', async () => {
    const { pool } = api.context.db;
    await pool.query(`update zone_requests set gives = 'nothing' where zone_id = $1`, [zoneId]);
    expect((await ask()).body.source).toBe('nothing');
    await pool.query(`insert into zone_logpush (zone_id, state, destination) values ($1, 'on', 's3://bucket/logs')`, [
      zoneId,
    ]);
    expect((await ask()).body).toMatchObject({ source: 'logpush', destination: 's3://bucket/logs' });
    await pool.query('delete from zone_logpush');
    await pool.query(`update zone_requests set gives = 'sampled'`);
  });

  test('is not there for a site that is not', async () => {
    expect((await api.ask('GET', '/v1/sites/nobody/requests')).status).toBe(404);
  });
});
