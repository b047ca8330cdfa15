import { routes } from '@berth/contract/routes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let site: string;
beforeAll(async () => {
  api = await startTestApi();
  await api.context.db.pool.query(`insert into hosts (id) values ('h1')`);
  const { body } = await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'one' } });
  site = body.site;
});
afterAll(() => api.close());

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const create = (body: Record<string, unknown>) =>
  api.ask('POST', '/v1/maintenance-windows', { body: { endsAt: inHours(1), reason: 'new disks', ...body } });

describe('a maintenance window', () => {
  test.each([
    ['a host', () => ({ host: 'h1' }), { scope: 'host', host: 'h1', site: null }],
    ['a site', () => ({ site }), { scope: 'site', host: null }],
    ['all', () => ({}), { scope: 'all', host: null, site: null }],
  ])('is of %s, and lasts at once', async (_what, wish, expected) => {
    const { status, body } = await create(wish());
    expect(status).toBe(201);
    expect(routes.createMaintenanceWindow.answer.parse(body)).toEqual(body);
    expect(body).toMatchObject({ ...expected, active: true, reason: 'new disks', canceledAt: null });
  });

  test('is said of the sites that it is of, for as long as it lasts', async () => {
    const { body: list } = await api.ask('GET', '/v1/maintenance-windows');
    for (const { id } of list.data) await api.ask('DELETE', `/v1/maintenance-windows/${id}`);
    const isSaid = async () => {
      const { body: one } = await api.ask('GET', `/v1/sites/${site}`);
      const { body: all } = await api.ask('GET', '/v1/sites?limit=200');
      const inList = all.data.find(({ key }: { key: string }) => key === site);
      expect(inList.inMaintenance).toBe(one.inMaintenance);
      return one.inMaintenance;
    };
    expect(await isSaid()).toBe(false);
    await create({ host: 'h1' });
    await create({ site, startsAt: inHours(0.5) });
    expect(await isSaid()).toBe(false);
    const { body: window } = await create({ site });
    expect(await isSaid()).toBe(true);
    await api.ask('DELETE', `/v1/maintenance-windows/${window.id}`);
    expect(await isSaid()).toBe(false);
  });

  test('may begin later, is listed, and ends when it is told to', async () => {
    const { body: made } = await create({ startsAt: inHours(0.5), reason: 'later' });
    expect(made.active).toBe(false);
    const listed = await api.ask('GET', '/v1/maintenance-windows');
    expect(listed.body.data.map((one: { id: string }) => one.id)).toContain(made.id);
    const ended = await api.ask('DELETE', `/v1/maintenance-windows/${made.id}`);
    expect(ended.body).toMatchObject({ id: made.id, active: false });
    expect(ended.body.canceledAt).not.toBeNull();
    const again = await api.ask('DELETE', `/v1/maintenance-windows/${made.id}`);
    expect({ status: again.status, code: again.body.code }).toEqual({ status: 404, code: 'maintenance.not-found' });
  });

  test.each([
    [{ endsAt: '2020-01-01T00:00:00Z' }, '#/endsAt'],
    [{ startsAt: inHours(2) }, '#/endsAt'],
    [{ host: 'nowhere' }, '#/host'],
    [{ site: 'nobody' }, '#/site'],
    [{ host: 'h1', site: 'both' }, '#/site'],
    [{ reason: ' ' }, '#/reason'],
    [{ endsAt: 'tomorrow' }, '#/endsAt'],
  ])('is not made of %j', async (wish, pointer) => {
    const { status, body } = await create(wish);
    expect(status).toBe(422);
    expect(body.errors.map((one: { pointer: string }) => one.pointer)).toContain(pointer);
  });
});
