import { openRegistryLogin } from '@berth/shared/runtime/registry-login';
import { findRegistryLogin } from '@berth/shared/store/registries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

const password = 'ghp_geheim4711';

describe('the login of a registry', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });
  afterAll(() => api.close());

  const put = (name: string, body: unknown = { username: 'berth', password }) =>
    api.ask('PUT', `/v1/registries/${encodeURIComponent(name)}`, { body });

  test('goes in and never comes out', async () => {
    const stored = await put('registry.example.org:5000');
    expect(stored.status, stored.text).toBe(200);
    expect(stored.body).toMatchObject({ registry: 'registry.example.org:5000', username: 'berth' });
    const answers = [
      stored,
      await api.ask('GET', '/v1/registries/registry.example.org:5000'),
      await api.ask('GET', '/v1/registries'),
    ];
    for (const { text } of answers) expect(text).not.toContain(password);
    const { rows } = await api.context.db.pool.query('select * from registry_credentials');
    expect(JSON.stringify(rows)).not.toContain(password);
    const sealed = (await findRegistryLogin(api.context.db, 'registry.example.org:5000')) ?? '';
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\./);
    const opened = openRegistryLogin(api.context.vault, 'registry.example.org:5000', sealed);
    expect(opened.password.reveal()).toBe(password);
  });

  test('is one for all names of Docker Hub, and a later one takes its place', async () => {
    await put('index.docker.io');
    const { body } = await put('DOCKER.io', { username: 'other', password: 'another' });
    expect(body).toMatchObject({ registry: 'docker.io', username: 'other' });
    const listed = (await api.ask('GET', '/v1/registries')).body.data as { registry: string }[];
    expect(listed.filter(({ registry }) => registry === 'docker.io')).toHaveLength(1);
  });

  test('is forgotten once, and then is not there', async () => {
    await put('ghcr.io');
    expect((await api.ask('DELETE', '/v1/registries/ghcr.io')).body).toMatchObject({ registry: 'ghcr.io' });
    for (const method of ['DELETE', 'GET']) {
      const { status, body } = await api.ask(method, '/v1/registries/ghcr.io');
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'registry.not-found' });
    }
    expect(await findRegistryLogin(api.context.db, 'ghcr.io')).toBeUndefined();
  });

  test.each([
    ['nginx', {}],
    ['https://ghcr.io', {}],
    ['ghcr.io/acme', {}],
    ['ghcr.io', { username: 'a:b' }],
    ['ghcr.io', { password: '' }],
    ['ghcr.io', { password: 'two\nlines' }],
    ['ghcr.io', { surplus: true }],
  ])('is refused for %s with %j, and the answer repeats no password', async (name, change) => {
    const { status, text } = await put(name, { username: 'berth', password, ...change });
    expect(status).toBe(422);
    expect(text).not.toContain(password);
  });

  test('wakes the sites that were refused for want of it, and no others', async () => {
    const { db } = api.context;
    const order = (n: number) =>
      api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': `wake-${n}` } });
    const [denied, other] = [(await order(1)).body.site, (await order(2)).body.site];
    await db.pool.query(
      `insert into hosts (id) values ('a');
       insert into placements (site_id, host_id, slot, port)
         select id, 'a', row_number() over (), 3100 + row_number() over () from sites;
       insert into site_conditions (site_id, placement_id, aspect, queue, status, reason, due_at)
         select s.id, p.id, 'container', 'container-a', 'false',
           case s.key when '${denied}' then 'ImageAccessDenied' else 'ContainerStarting' end, now() + interval '1 hour'
         from sites s join placements p on p.site_id = s.id`,
    );
    await put('ghcr.io');
    const { rows } = await db.pool.query<{ key: string; due: boolean }>(
      `select s.key, c.due_at <= now() as due from site_conditions c join sites s on s.id = c.site_id where c.aspect = 'container'`,
    );
    const due = Object.fromEntries(rows.map(({ key, due: isDue }) => [key, isDue]));
    expect(due).toMatchObject({ [denied]: true, [other]: false });
  });
});
