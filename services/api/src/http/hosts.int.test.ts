import { type HostRegistration, registerHost } from '@berth/shared/store/hosts';
import { placeSite } from '@berth/shared/store/place-sites';
import { letHostsLast } from '@berth/shared/testing/let-hosts-last';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

const MB = 1024 ** 2;

describe('hosts', () => {
  let api: TestApi;
  let siteId: string;
  let siteKey: string;
  const host = (more: Partial<HostRegistration> = {}): HostRegistration => ({
    id: 'alpha',
    customerPorts: { start: 3100, end: 3109 },
    memoryBytes: 1000 * MB,
    memoryOvercommit: 2,
    cpus: 4,
    labels: { region: 'eu' },
    versions: { docker: '20.10.24' },
    ...more,
  });
  const patch = (id: string, body: unknown, key?: string) =>
    api.ask('PATCH', `/v1/hosts/${id}`, { body, ...(key && { key }) });
  const one = async () => (await api.ask('GET', '/v1/hosts')).body.data[0];
  const silence = (column: string) => api.context.db.pool.query(`update hosts set ${column} = now() - interval '1 s'`);

  beforeAll(async () => {
    api = await startTestApi();
    await registerHost(api.context.db, host());
    await letHostsLast(api.context.db);
    const { body } = await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'one' } });
    siteKey = body.site;
    siteId = (await api.context.db.pool.query('select id from sites')).rows[0].id;
    await placeSite(api.context.db, siteId);
  });
  afterAll(() => api.close());

  test('are shown with their leases, their room, and what is theirs', async () => {
    expect(await one()).toEqual({
      id: 'alpha',
      state: 'ready',
      draining: false,
      reason: null,
      message: 'takes further sites',
      leases: { containers: expect.any(String), connectors: expect.any(String), health: null },
      warning: expect.stringContaining('its health-worker never reported'),
      seenAt: expect.any(String),
      ports: { total: 110, free: 109 },
      memory: { totalBytes: 1000 * MB, overcommit: 2, placedBytes: 557 * MB, freeBytes: 1443 * MB },
      cpus: 4,
      labels: { region: 'eu' },
      problem: null,
      versions: { docker: '20.10.24' },
      sites: 1,
      incident: null,
    });
    const { body } = await api.ask('GET', '/v1/hosts/alpha');
    expect(body.placements).toEqual([
      { site: siteKey, domain: expect.any(String), port: 3100, wanted: 'serving', live: false },
    ]);
  });

  test('get nothing new once an operator drains them, and are asked by their name in the log of what happened', async () => {
    const operator = await api.makeKey('operator');
    const drained = await patch('alpha', { state: 'draining' }, operator);
    expect(drained.status, drained.text).toBe(200);
    expect(drained.body).toMatchObject({ state: 'draining', draining: true, sites: 1 });
    await patch('alpha', { state: 'draining' });
    const { body } = await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'two' } });
    const { rows } = await api.context.db.pool.query('select id from sites where key = $1', [body.site]);
    expect(await placeSite(api.context.db, rows[0].id)).toEqual({ kind: 'no-host' });
    await api.context.db.pool.query(
      `update site_conditions set status = 'false', reason = 'NoHostReady', due_at = now() + interval '5 min'
      where site_id = $1 and aspect = 'placement'`,
      [rows[0].id],
    );
    const back = await patch('alpha', { state: 'ready' });
    expect(back.body.events).toMatchObject([
      { type: 'host.ready', requestedBy: expect.any(String) },
      { type: 'host.draining', requestedBy: expect.any(String) },
    ]);
    const due = await api.context.db.pool.query(
      `select due_at <= now() as due from site_conditions where site_id = $1 and aspect = 'placement'`,
      [rows[0].id],
    );
    expect(due.rows, 'those who wait are called').toEqual([{ due: true }]);
  });

  test('are down when either half fell silent, whatever an operator wants', async () => {
    await silence('connector_lease_until');
    expect(await one()).toMatchObject({
      state: 'down',
      reason: 'LeaseExpired',
      message: expect.stringContaining('tunnel-worker since'),
    });
    await patch('alpha', { state: 'draining' });
    expect(await one()).toMatchObject({ state: 'down', draining: true });
    await patch('alpha', { state: 'ready' });
    await registerHost(api.context.db, host());
    expect(await one()).toMatchObject({ state: 'ready' });
  });

  test('refuse what makes no sense', async () => {
    expect(await patch('nobody', { state: 'ready' })).toMatchObject({ status: 404, body: { code: 'host.not-found' } });
    expect((await api.ask('GET', '/v1/hosts/nobody')).status).toBe(404);
    for (const body of [{ state: 'down' }, {}, { state: 'ready', memory: 1 }]) {
      expect((await patch('alpha', body)).status).toBe(422);
    }
    expect((await patch('alpha', { state: 'ready' }, await api.makeKey('sites:write'))).status).toBe(403);
  });
});
