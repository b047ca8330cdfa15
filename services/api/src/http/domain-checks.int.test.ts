import { type DnsSimulator, startDns } from '@berth/simulators/dns/start-dns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

const PAIR = ['ada.ns.cloudflare.com', 'finn.ns.cloudflare.com'];
const DS = { keyTag: 4711, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };

let dns: DnsSimulator;
let api: TestApi;
beforeEach(async () => {
  dns = await startDns();
  api = await startTestApi({ DNS_RESOLVER: dns.address });
});
afterEach(async () => {
  await api.close();
  await dns.stop();
});

/** A site whose zone stands at Cloudflare as given. */
async function aSite(status = 'pending', told = true): Promise<{ key: string; domain: string }> {
  const { body } = await api.ask('POST', '/v1/orders', {
    body: anOrder(),
    headers: { 'idempotency-key': `${Math.random()}` },
  });
  const { db } = api.context;
  await db.pool.query(`insert into cloudflare_accounts (id) values ('account') on conflict do nothing`);
  await db.pool.query(
    `with zone as (insert into zones (account_id, cf_zone_id, name, status, name_servers, told_at)
      values ('account', $1, $1, $2, $3, case when $5 then now() end) returning id)
    update sites set zone_id = zone.id from zone where key = $4`,
    [body.domain, status, PAIR, body.site, told],
  );
  await db.pool.query(`update site_conditions set due_at = null where aspect = 'zone'`);
  return { key: body.site, domain: body.domain };
}

const check = (key: string) => api.ask('POST', `/v1/sites/${key}/domain-checks`, { body: {} });

describe('POST /v1/sites/:key/domain-checks', () => {
  test('answers with the name servers found and expected, and whether the domain is signed', async () => {
    const { key, domain } = await aSite();
    const { status, body } = await check(key);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      site: key,
      domain,
      status: 'not-set',
      found: ['ns1.registrar.example', 'ns2.registrar.example'],
      expected: PAIR,
      parent: 'de',
      ds: { status: 'absent', records: [] },
    });
    expect(body.message).toContain(PAIR.join(' and '));
    expect(Date.parse(body.checkedAt)).toBeGreaterThan(0);
  });

  test('says that the name servers are set', async () => {
    const { key, domain } = await aSite();
    dns.registry.set(domain, { nameServers: [...PAIR].reverse() });
    expect((await check(key)).body).toMatchObject({ status: 'set' });
  });

  test('says that a signed domain must be unsigned before the switch, and not once it is active', async () => {
    const pending = await aSite();
    dns.registry.set(pending.domain, { ds: [DS] });
    const { ds } = (await check(pending.key)).body;
    expect(ds).toMatchObject({ status: 'must-be-removed', records: [{ keyTag: 4711, algorithm: 13, digestType: 2 }] });
    expect(ds.message).toContain('DNSSEC');
    const active = await aSite('active');
    dns.registry.set(active.domain, { ds: [DS] });
    expect((await check(active.key)).body.ds).toMatchObject({ status: 'in-use' });
  });

  test('makes the zone due, whatever was found', async () => {
    const { key } = await aSite();
    dns.registry.fault = 'servfail';
    expect((await check(key)).body).toMatchObject({ status: 'unknown', found: [], ds: { status: 'unknown' } });
    const { rows } = await api.context.db.pool.query(
      `select c.due_at <= now() as due, c.wakes from site_conditions c join sites s on s.id = c.site_id
      where s.key = $1 and c.aspect = 'zone'`,
      [key],
    );
    expect(rows).toEqual([{ due: true, wakes: '1' }]);
  });

  test('answers although nobody answers it', async () => {
    const { key } = await aSite();
    dns.registry.fault = 'silent';
    const { status, body } = await check(key);
    expect({ status, found: body.status }).toEqual({ status: 200, found: 'unknown' });
  });

  test('is not asked again at once, neither by one who waits nor by two at the same time', async () => {
    const { key } = await aSite();
    const both = await Promise.all([check(key), check(key)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    const third = await check(key);
    expect(third.body).toMatchObject({ code: 'domain-check.too-often', status: 429 });
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await aSite();
    expect((await check(other.key)).status).toBe(200);
  });

  test('refuses sites that are not there, that leave, or that have no domain', async () => {
    expect((await check('nobody')).body.code).toBe('site.not-found');
    const { key } = await aSite();
    const { db } = api.context;
    await db.pool.query('update sites set wants_tunnel = false where key = $1', [key]);
    expect((await check(key)).body.code).toBe('site.part-missing');
    await db.pool.query(`update sites set wanted = 'deleted' where key = $1`, [key]);
    expect((await check(key)).body.code).toBe('site.leaving');
  });

  test('takes a key that may write', async () => {
    const { key } = await aSite();
    const reader = await api.makeKey('sites:read');
    const { status } = await api.ask('POST', `/v1/sites/${key}/domain-checks`, { key: reader, body: {} });
    expect(status).toBe(403);
  });
});

describe('GET /v1/sites/:key/domain', () => {
  test('tells nobody name servers that are withheld, nor does any other answer', async () => {
    const { key, domain } = await aSite('pending', false);
    const { body } = await api.ask('GET', `/v1/sites/${key}/domain`);
    expect(body).toMatchObject({ nameServers: { state: 'withheld', names: [] }, mail: { status: 'checking' } });
    expect((await check(key)).body).toMatchObject({ status: 'withheld', expected: [] });
    dns.registry.set(domain, { nameServers: [] });
    const answers = await Promise.all(
      [`/v1/sites/${key}`, `/v1/sites/${key}/domain`, '/v1/sites', `/v1/sites/${key}/events`].map((path) =>
        api.ask('GET', path),
      ),
    );
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      for (const name of PAIR) expect(text).not.toContain(name);
    }
  });

  test('shows what was taken over, and what each record is for', async () => {
    const { key, domain } = await aSite();
    const mx = { type: 'MX', name: domain, content: 'mx.example', ttl: 1, priority: 10 };
    const web = { type: 'A', name: domain, content: '192.0.2.1', ttl: 1 };
    const odd = { type: 'TXT', name: `odd.${domain}`, content: 'x', ttl: 1 };
    await api.context.db.pool.query(
      `insert into zone_takeovers (zone_id, found, refused, mail, ended_at)
      select zone_id, $2, $3, 'taken-over', now() from sites where key = $1`,
      [key, JSON.stringify([mx, web, odd]), JSON.stringify([odd])],
    );
    const { body } = await api.ask('GET', `/v1/sites/${key}/domain`);
    expect(body.mail.status).toBe('taken-over');
    const shown = body.records.map(({ purpose, state }: Record<string, string>) => [purpose, state]);
    expect(shown).toEqual([
      ['mail', 'taken-over'],
      ['web', 'taken-over'],
      ['other', 'refused'],
    ]);
  });

  test('shows how the domain stands, before and after a check', async () => {
    const { key, domain } = await aSite();
    const path = `/v1/sites/${key}/domain`;
    expect((await api.ask('GET', path)).body).toMatchObject({ site: key, domain, zone: 'pending', lastCheck: null });
    const checked = await check(key);
    const { body } = await api.ask('GET', path);
    expect(body.nameServers).toMatchObject({ state: 'told', names: PAIR });
    expect(body.lastCheck).toEqual(checked.body);
    expect((await api.ask('GET', '/v1/sites/nobody/domain')).status).toBe(404);
  });
});
