import { systemClock } from '@berth/shared/runtime/clock';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { Secret } from '@berth/shared/runtime/secret';
import { openCloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { permissions as everything, type Permission } from '@berth/simulators/cloudflare/permissions';
import { type CloudflareSimulator, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCallBudget } from './call-budget.ts';
import { makeCheckAccount } from './check-account.ts';
import { makeCloudflare } from './make-cloudflare.ts';
import { tokenPermissions } from './permissions.ts';

const all = Object.keys(tokenPermissions) as (keyof typeof tokenPermissions)[];

describe('the checks of the account', () => {
  let simulator: CloudflareSimulator;
  let db: Database;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    simulator = await startCloudflare({ profile: 'enterprise' });
    await simulator.control.addZone('mustermann.de', 'active');
  });
  beforeEach(async () => {
    await simulator.control.behave();
    await simulator.control.setToken({});
  });
  afterAll(async () => {
    await Promise.all([simulator.stop(), db.close()]);
    await drop();
  });

  async function check({ token = simulator.apiToken, accountId = simulator.accountId, needs = all } = {}) {
    const account = await openCloudflareAccount(db, accountId);
    const cloudflare = makeCloudflare({
      apiToken: new Secret(token),
      accountId,
      baseUrl: simulator.apiUrl,
      clock: systemClock,
      metrics: makeMetrics(),
      budget: makeCallBudget(account, systemClock, 100_000),
    });
    const checks = await makeCheckAccount({ cloudflare, clock: systemClock, needs })(new AbortController().signal);
    return Object.fromEntries(checks.map((one) => [one.id, one]));
  }
  const without = (...lacking: Permission[]) =>
    simulator.control.setToken({ permissions: everything.filter((one) => !lacking.includes(one)) });

  test('find nothing with a token that may do all, and change nothing', async () => {
    const before = [await simulator.control.listZones(), await simulator.control.listTunnels()];
    const found = await check();
    expect(Object.keys(found)).toEqual([
      'cloudflare.token',
      'cloudflare.account',
      'cloudflare.permission.tunnel',
      'cloudflare.permission.zone-read',
      'cloudflare.permission.dns',
      'cloudflare.permission.zone-edit',
      'cloudflare.permission.analytics',
      'cloudflare.permission.logs',
      'cloudflare.permission.waf',
      'cloudflare.permission.access',
      'cloudflare.permission.access-tokens',
    ]);
    for (const one of Object.values(found)) expect(one).toMatchObject({ status: 'ok', fix: '' });
    expect([await simulator.control.listZones(), await simulator.control.listTunnels()]).toEqual(before);
  });

  test.each<[Permission[], string, string, string]>([
    [['tunnel.edit'], 'cloudflare.permission.tunnel', 'fail', 'Cloudflare Tunnel: Edit'],
    [['dns.edit'], 'cloudflare.permission.dns', 'fail', 'DNS: Edit'],
    [['zone.read'], 'cloudflare.permission.zone-read', 'fail', 'Zone: Read'],
    [['zone.edit'], 'cloudflare.permission.zone-edit', 'fail', 'Zone: Edit'],
    [['analytics.read'], 'cloudflare.permission.analytics', 'warn', 'Analytics: Read'],
    [['logs.edit'], 'cloudflare.permission.logs', 'warn', 'Logs: Edit'],
    [['waf.edit'], 'cloudflare.permission.waf', 'warn', 'Zone WAF: Edit'],
    [['access.edit'], 'cloudflare.permission.access', 'warn', 'Apps and Policies'],
    [['access.tokens'], 'cloudflare.permission.access-tokens', 'warn', 'Service Tokens: Edit'],
    [['tunnel.read'], 'cloudflare.account', 'fail', 'CF_ACCOUNT_ID'],
  ])('name what a token without %j lacks', async (lacking, id, status, words) => {
    await without(...lacking);
    const found = (await check())[id];
    expect(found).toMatchObject({ status, fix: expect.stringContaining(words) });
    expect(found?.detail).not.toBe('');
  });

  test('ask for no permission that the service does not need', async () => {
    await without('zone.edit', 'tunnel.edit', 'tunnel.read', 'dns.edit', 'access.edit');
    const found = await check({ needs: ['zoneRead'] });
    expect(Object.keys(found)).toEqual(['cloudflare.token', 'cloudflare.permission.zone-read']);
    for (const one of Object.values(found)) expect(one.status).toBe('ok');
  });

  test('say that a token is refused, switched off or about to expire', async () => {
    expect(await check({ token: 'x'.repeat(40) })).toMatchObject({
      'cloudflare.token': { status: 'fail', fix: expect.stringContaining('CF_API_TOKEN') },
    });
    await simulator.control.setToken({ status: 'disabled' });
    expect((await check())['cloudflare.token']).toMatchObject({ status: 'fail', detail: 'it is disabled' });
    await simulator.control.setToken({ expiresOn: new Date(Date.now() + 86_400_000).toISOString() });
    expect((await check())['cloudflare.token']).toMatchObject({ status: 'warn' });
    await simulator.control.setToken({ expiresOn: new Date(Date.now() + 90 * 86_400_000).toISOString() });
    expect((await check())['cloudflare.token']).toMatchObject({ status: 'ok' });
  });

  test('say that the token does not open the account', async () => {
    expect((await check({ accountId: 'f'.repeat(32) }))['cloudflare.account']).toMatchObject({ status: 'fail' });
  });

  test('say what could not be asked for while Cloudflare is away, and take it for no lack', async () => {
    await simulator.control.misbehave({ kind: '5xx', path: 'cfd_tunnel', times: 2 });
    const found = await check();
    expect(found['cloudflare.account']).toMatchObject({ status: 'warn' });
    expect(found['cloudflare.permission.tunnel']).toMatchObject({ status: 'warn' });
    await simulator.control.misbehave({ kind: '5xx', path: 'verify' });
    expect(await check()).toMatchObject({ 'cloudflare.token': { status: 'fail' } });
  });

  test('wait for a zone that shows what may be done with zones', async () => {
    const empty = await startCloudflare({ profile: 'enterprise' });
    const former = simulator;
    simulator = empty;
    try {
      const found = (await check())['cloudflare.permission.dns'];
      expect(found).toMatchObject({ status: 'ok', detail: expect.stringContaining('no zone yet') });
    } finally {
      simulator = former;
      await empty.stop();
    }
  });
});
