import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signedInCustomer } from '../testing/browser.ts';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let site: string;
let made = 0;

beforeAll(async () => {
  api = await startTestApi();
});
beforeEach(async () => {
  made += 1;
  const headers = { 'idempotency-key': `protection-${made}` };
  site = (await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site;
});
afterAll(() => api.close());

const path = (more = '') => `/v1/sites/${site}/protection${more}`;
/** The ETag of a version of what protects a site. */
const etagOf = async (key: string, version: number): Promise<string> => {
  const { rows } = await api.context.db.pool.query('select slug from sites where key = $1 and gone_at is null', [key]);
  return `"${rows[0]?.slug}-${version}"`;
};
/** @param seen a version of it, or all of If-Match */
async function put(body: unknown, seen: number | string | null = 0, more = '') {
  const ifMatch = typeof seen === 'number' ? await etagOf(site, seen) : seen;
  return api.ask('PUT', path(more), { body, headers: { ...(ifMatch !== null && { 'if-match': ifMatch }) } });
}
const get = async () => (await api.ask('GET', path())).body;
const ip = { block: ['203.0.113.0/24'] };
const people = { emails: ['a@b.example'] };
const whole = { allow: [], block: ['203.0.113.0/24'], blockCountries: [] };

/** Nobody can write until all have looked, or wait for one that has. */
async function putAtOnce(keys: readonly string[], body: unknown) {
  const { pool } = api.context.db;
  const waiting = async () => {
    const { rows } = await pool.query(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows[0].count;
  };
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('lock table site_protections in share row exclusive mode');
  const asked = keys.map(async (key) => {
    const headers = { 'if-match': await etagOf(key, 0) };
    return api.ask('PUT', `/v1/sites/${key}/protection`, { body, headers });
  });
  await expect.poll(waiting, { timeout: 30_000 }).toBe(keys.length);
  await holder.query('commit');
  holder.release();
  return Promise.all(asked);
}

/** Has 499 more sites, whose keys begin with a name, want of Access what a site wants. */
async function fillAccess(siteKey: string, name: string): Promise<void> {
  await api.context.db.pool.query(
    `with customer as (insert into customers (external_id, name, email) values ($2, 'm', 'm@example.org') returning id),
    orders as (insert into orders (external_id, customer_id, fingerprint)
      select $2 || '-' || n, customer.id, 'f' from customer, generate_series(1, 499) n returning id, customer_id, external_id),
    made as (insert into sites (key, slug, ordinal, customer_id, order_id, domain, domain_unicode, image, license_key_enc)
      select external_id, external_id, row_number() over (), customer_id, id, external_id || '.example', external_id, 'i', 'l' from orders
      returning id)
    insert into site_protections (site_id, wanted, requested_by) select made.id, p.wanted, 'test'
      from made, site_protections p join sites s on s.id = p.site_id where s.key = $1`,
    [siteKey, name],
  );
}

describe('the protection of a site', () => {
  test('is none at first, and says what the plan gives', async () => {
    const { status, body, headers } = await api.ask('GET', path());
    expect(status).toBe(200);
    expect(headers.get('etag')).toBe(await etagOf(site, 0));
    expect(body.etag).toBe(headers.get('etag'));
    expect(body).toMatchObject({
      version: 0,
      wanted: { access: null, ip: null, rateLimit: null, underAttack: false },
      inForce: true,
      plan: 'free',
      planSeen: false,
      limits: { rateRules: 1, longestPeriodSeconds: 10 },
    });
  });

  test('is wanted as a whole, and not in force until the edge has it', async () => {
    const first = await put({ ip });
    expect(first.status, first.text).toBe(200);
    expect(first.headers.get('etag')).toBe(await etagOf(site, 1));
    expect(first.body).toMatchObject({
      applied: true,
      changes: [{ part: 'ip', before: null, after: whole }],
      protection: { version: 1, wanted: { ip: whole }, inForce: false, standing: { ip: null } },
    });
    const second = await put({ access: people }, 1);
    expect(second.body.changes.map(({ part }: { part: string }) => part)).toEqual(['access', 'ip']);
    expect(await get()).toMatchObject({ version: 2, wanted: { ip: null, access: { emails: ['a@b.example'] } } });
  });

  test('wakes who keeps it, and is told on the timeline', async () => {
    const due = async () => {
      const { rows } = await api.context.db.pool.query(
        `select c.wakes::int from site_conditions c join sites s on s.id = c.site_id where s.key = $1 and c.aspect = 'policy'`,
        [site],
      );
      return rows[0].wakes as number;
    };
    const before = await due();
    await put({ ip });
    expect(await due()).toBe(before + 1);
    const { body } = await api.ask('GET', `/v1/sites/${site}/events`);
    expect(body.data.at(-1)).toMatchObject({ type: 'protection.requested', aspect: 'policy', data: { parts: ['ip'] } });
  });

  test('stays as it is when the same is wanted once more', async () => {
    await put({ ip });
    const again = await put({ ip: { block: ['203.0.113.0/24', '203.0.113.0/24'] } }, 1);
    expect(again.body).toMatchObject({ changes: [], protection: { version: 1 } });
  });

  test('takes a change of what its author has seen alone', async () => {
    const without = await put({ ip }, null);
    expect([without.status, without.body.code]).toEqual([428, 'protection.version-required']);
    expect((await put({ ip }, 'one')).status).toBe(422);
    await put({ ip });
    const stale = await put({}, 0);
    expect([stale.status, stale.body.code]).toEqual([412, 'protection.changed']);
    expect(await get()).toMatchObject({ version: 1, wanted: { ip: whole } });
  });

  test('takes no change by what was seen of a former site with the same key', async () => {
    const order = anOrder();
    const post = async (orderId: string) =>
      (await api.ask('POST', '/v1/orders', { body: { ...order, orderId }, headers: { 'idempotency-key': orderId } }))
        .body.site;
    site = await post(`former-${made}`);
    const { etag: former, version } = await get();
    const { pool } = api.context.db;
    await pool.query(
      'update site_hostnames set gone_at = now() where site_id = (select id from sites where key = $1)',
      [site],
    );
    await pool.query('update sites set gone_at = now() where key = $1', [site]);
    expect(await post(`next-${made}`)).toBe(site);
    expect((await get()).version).toBe(version);
    const late = await put({ ip }, former);
    expect([late.status, late.body.code]).toEqual([412, 'protection.changed']);
    expect((await get()).wanted.ip).toBeNull();
    expect((await put({ ip })).status).toBe(200);
  });

  test('takes one of two changes at once', async () => {
    const all = await Promise.all([put({ ip }), put({ access: people })]);
    expect(all.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await get()).version).toBe(1);
  });

  test('can be planned, and nothing changes by that', async () => {
    const good = await put({ ip }, null, '?plan=1');
    expect(good.body).toMatchObject({
      applied: false,
      changes: [{ part: 'ip' }],
      problems: [],
      protection: { version: 0 },
    });
    const rateLimit = { requests: 10, periodSeconds: 60, timeoutSeconds: 600 };
    const bad = await put({ rateLimit }, null, '?plan=1');
    expect(bad.body.problems).toMatchObject([
      { pointer: '#/rateLimit/periodSeconds', code: 'rate.period', values: { plan: 'free', seconds: '10' } },
      { pointer: '#/rateLimit/timeoutSeconds', code: 'rate.timeout', values: { plan: 'free', seconds: '10' } },
    ]);
    expect((await get()).version).toBe(0);
  });

  test('tells what should be known of it, by code and in English', async () => {
    const { body } = await put({ ip, rateLimit: { requests: 10 } }, null, '?plan=1');
    expect(body.notes).toMatchObject([
      { code: 'rate.whole-zone', values: { plan: 'free', hostname: body.protection.hostnames[0] } },
      { code: 'rate.each-data-centre', values: {}, detail: 'each of Cloudflare’s data centres counts for itself' },
    ]);
  });

  test('is refused by code, so that it can be said in any language', async () => {
    const { status, body } = await put({ ip: { allow: ['192.0.2.1/24'] } });
    expect({ status, errors: body.errors }).toEqual({
      status: 422,
      errors: [
        {
          pointer: '#/ip/allow/0',
          code: 'ip.host-bits',
          values: { given: '192.0.2.1/24', network: '192.0.2.0/24', address: '192.0.2.1' },
          detail: '192.0.2.1/24 is no network: write 192.0.2.0/24 for the network, or 192.0.2.1 for the address alone',
        },
      ],
    });
    const { errors } = (await put({ access: { emails: ['anna'] } })).body;
    expect(errors).toEqual([{ pointer: '#/access/emails/0', detail: expect.any(String) }]);
  });

  test.each<[what: string, body: unknown, pointer: string]>([
    ['a network with host bits', { ip: { allow: ['192.0.2.1/24'] } }, '#/ip/allow/0'],
    ['a list that blocks everybody', { ip: { block: ['0.0.0.0/0'] } }, '#/ip/block/0'],
    ['an empty policy of Access', { access: {} }, '#/access'],
    ['what is no e-mail', { access: { emails: ['anna'] } }, '#/access/emails/0'],
    ['what is no group', { access: { groups: ['staff'] } }, '#/access/groups/0'],
    ['a session of no length', { access: { emails: ['a@b.example'], sessionHours: 0 } }, '#/access/sessionHours'],
    ['what the plan lacks', { rateLimit: { requests: 1, periodSeconds: 60 } }, '#/rateLimit/periodSeconds'],
    ['a field that is not known', { firewall: true }, '#/firewall'],
  ])('is not %s, which is said before anything changes', async (_what, body, pointer) => {
    const { status, body: problem } = await put(body);
    expect(status).toBe(422);
    expect(problem.errors.map((one: { pointer: string }) => one.pointer)).toEqual([pointer]);
    expect((await get()).version).toBe(0);
  });

  test('gives what the plan of the zone gives', async () => {
    await api.context.db.pool.query(`insert into cloudflare_accounts (id) values ('a') on conflict do nothing`);
    await api.context.db.pool.query(
      `with zone as (insert into zones (account_id, cf_zone_id, name, status, plan) select 'a', md5(key), domain, 'active', 'pro'
        from sites where key = $1 returning id) update sites set zone_id = zone.id from zone where key = $1`,
      [site],
    );
    const { status, body } = await put({ rateLimit: { requests: 10, periodSeconds: 60, timeoutSeconds: 600 } });
    expect({ status, plan: body.protection.plan }).toEqual({ status: 200, plan: 'pro' });
  });

  test('takes one of two rate limits that are wanted at once in a zone with room for one', async () => {
    const { pool } = api.context.db;
    const first = site;
    const headers = { 'idempotency-key': `protection-beside-${made}` };
    const second = (await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site;
    await pool.query(`insert into cloudflare_accounts (id) values ('a') on conflict do nothing`);
    await pool.query(
      `with zone as (insert into zones (account_id, cf_zone_id, name, status, plan) select 'a', md5(key), domain, 'active', 'free'
        from sites where key = $1 returning id) update sites set zone_id = zone.id from zone where key = any($2)`,
      [first, [first, second]],
    );
    const answers = await putAtOnce([first, second], {
      rateLimit: { requests: 10, periodSeconds: 10, timeoutSeconds: 10 },
    });
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.errors).toMatchObject([{ pointer: '#/rateLimit' }]);
  });

  test('has no room for the 501st application or policy of an account', async () => {
    const { pool } = api.context.db;
    await pool.query(`update site_protections set wanted = '{}'`);
    await put({ access: { emails: ['a@b.example'] } });
    await fillAccess(site, 'many');
    const headers = { 'idempotency-key': 'the-501st' };
    site = (await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site;
    const { status, body } = await put({ access: { emails: ['a@b.example'] } });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'access.quota-reached' });
    const full = { pointer: '#/access', code: 'access.applications-full', values: { most: 500 } };
    expect(body.errors).toMatchObject([full]);
    const planned = await put({ access: { emails: ['a@b.example'] } }, null, '?plan=1');
    expect(planned.body.problems).toMatchObject([full]);
    // With the policy of Berth's own looks, 499 sites have used up their 500.
    const leave = (key: string) => pool.query('update sites set gone_at = now() where key = $1', [key]);
    const policiesFull = { code: 'access.quota-reached', errors: [{ ...full, code: 'access.policies-full' }] };
    await leave('many-1');
    expect((await put({ access: people })).body).toMatchObject(policiesFull);
    await leave('many-2');
    const programs = { ...people, serviceTokens: ['00000000-0000-4000-8000-000000000001'] };
    expect((await put({ access: programs })).body).toMatchObject(policiesFull);
    expect((await put({ access: people })).status).toBe(200);
    expect((await put({ access: programs }, 1)).body).toMatchObject(policiesFull);
    expect((await put({ access: { emails: ['c@d.example'] } }, 1)).status).toBe(200);
    await pool.query(`update sites set gone_at = now() where key like 'many-%'`);
  });

  test('takes one of two that want the last application of an account at once', async () => {
    const { pool } = api.context.db;
    await pool.query(`update site_protections set wanted = '{}'`);
    await put({ access: people });
    await fillAccess(site, 'last');
    await pool.query(`update sites set gone_at = now() where key in ('last-1', 'last-2')`);
    const order = async (side: string) => {
      const headers = { 'idempotency-key': `protection-${side}-${made}` };
      return (await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site as string;
    };
    const answers = await putAtOnce([await order('left'), await order('right')], { access: people });
    await pool.query(`update sites set gone_at = now() where key like 'last-%'`);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('access.quota-reached');
  });

  test('is no matter of a site without a tunnel, or of one that leaves', async () => {
    await api.context.db.pool.query('update sites set wants_tunnel = false where key = $1', [site]);
    expect((await put({ ip })).body.code).toBe('site.part-missing');
    expect((await put({ ip }, null, '?plan=1')).body.code).toBe('site.part-missing');
    expect((await api.ask('POST', path('/tests'), { body: {} })).body.code).toBe('site.part-missing');
    await api.context.db.pool.query(`update sites set wants_tunnel = true, wanted = 'deleted' where key = $1`, [site]);
    expect((await put({ ip })).body.code).toBe('site.leaving');
  });

  test('says whether somebody would get in, of what is wanted and before it is in force', async () => {
    const ask = async (body: unknown) => api.ask('POST', path('/tests'), { body });
    expect((await ask({})).body).toMatchObject({ site, version: 0, inForce: true, verdict: 'enters' });
    await put({ ip: { ...ip, blockCountries: ['KP'] }, access: people });
    expect((await ask({ address: '203.0.113.9' })).body).toEqual({
      site,
      version: 1,
      inForce: false,
      verdict: 'blocked',
      steps: [
        {
          part: 'ip',
          outcome: 'stops',
          code: 'ip.blocked',
          detail: '203.0.113.9 is blocked by 203.0.113.0/24',
          match: '203.0.113.0/24',
        },
      ],
      elsewhere: [],
    });
    const verdict = async (body: unknown) => (await ask(body)).body.verdict;
    const there = { address: '192.0.2.1', country: 'de' };
    expect(await verdict(there)).toBe('signs-in');
    expect(await verdict({ ...there, email: 'A@b.example' })).toBe('enters');
    expect(await verdict({ ...there, email: 'eve@b.example' })).toBe('refused');
    expect(await verdict({ address: '192.0.2.1' })).toBe('unknown');
  });

  test('says where somebody else’s application decides, of a path and of a host name', async () => {
    const elsewhere = async () => (await api.ask('POST', path('/tests'), { body: {} })).body.elsewhere;
    await put({ access: people });
    expect(await elsewhere()).toEqual([]);
    const { pool } = api.context.db;
    const own = `(select id from sites where key = $1)`;
    const seen = `update site_protections set elsewhere = '{mustermann.de/wiki}' where site_id = ${own}`;
    await pool.query(seen, [site]);
    expect(await elsewhere()).toMatchObject([{ code: 'path', path: 'mustermann.de/wiki' }]);
    const refused = `update site_conditions set reason = 'AccessStranger' where aspect = 'policy' and site_id = ${own}`;
    await pool.query(refused, [site]);
    expect(await elsewhere()).toMatchObject([{ code: 'hostname', path: null }, { code: 'path' }]);
  });

  test.each<[what: string, body: unknown, pointer: string]>([
    ['a network', { address: '192.0.2.0/24' }, '#/address'],
    ['an address of a zone', { address: 'fe80::1%eth0' }, '#/address'],
    ['what is no country', { country: 'Germany' }, '#/country'],
    ['what is no e-mail', { email: 'anna' }, '#/email'],
    ['what is no token', { serviceToken: 'secret' }, '#/serviceToken'],
    ['a field that is not known', { host: 'a.example' }, '#/host'],
  ])('is not tried with %s', async (_what, body, pointer) => {
    const { status, body: problem } = await api.ask('POST', path('/tests'), { body });
    expect(status).toBe(422);
    expect(problem.errors.map((one: { pointer: string }) => one.pointer)).toEqual([pointer]);
  });

  test('is tried without a word in the audit, also by its customer', async () => {
    const customer = await signedInCustomer(api);
    const own = `/v1/sites/${customer.site}/protection/tests`;
    expect((await customer.browser.ask('POST', own, { address: '192.0.2.1' })).body.verdict).toBe('enters');
    expect((await customer.browser.ask('POST', path('/tests'), {})).status).toBe(404);
    await api.ask('POST', path('/tests'), { body: {} });
    expect((await api.ask('GET', '/v1/audit?action=testProtection')).body.data).toEqual([]);
  });

  test('is told in the audit as it was and as it is wanted', async () => {
    await put({ ip });
    await put({ access: people }, 1);
    await put({}, null, '?plan=1');
    const read = async () => {
      const { data } = (await api.ask('GET', '/v1/audit?action=putProtection&limit=200')).body;
      return data.filter(({ target }: { target: string }) => target === site);
    };
    // The end of a change is written down after its answer, each by itself.
    await expect.poll(read, { timeout: 60_000 }).toMatchObject([
      { status: 200, before: { version: 1, ip: whole }, after: { access: people } },
      { status: 200, before: { version: 0, ip: null }, after: { access: null, ip: whole, rateLimit: null } },
    ]);
  });

  test('is shown to its customer, who changes nothing of it', async () => {
    const customer = await signedInCustomer(api);
    const own = `/v1/sites/${customer.site}/protection`;
    expect((await customer.browser.ask('GET', own)).status).toBe(200);
    expect((await customer.browser.ask('PUT', own, {})).status).toBe(403);
    expect((await customer.browser.ask('GET', path())).status).toBe(404);
  });
});
