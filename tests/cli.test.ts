import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { type Ran, run } from './support/command.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let services: TestServices;
let api: ApiClient;
let dir: string;

beforeAll(async () => {
  world = await openWorld();
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
  dir = mkdtempSync(path.join(tmpdir(), 'berth-cli-'));
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
  rmSync(dir, { recursive: true, force: true });
});

const access = () => ({ BERTH_API_URL: services.apiUrl, BERTH_API_KEY: api.key });
const berth = (args: string, more: Record<string, string> = {}) =>
  run(process.execPath, ['apps/cli/bin/berth.mjs', ...args.split(' ')], { ...access(), ...more });
const script = (line: string, more: Record<string, string> = {}) => {
  const [name = '', ...args] = line.split(' ');
  return run(`scripts/${name}`, args, { ...access(), ...more });
};
const lastLine = ({ out }: Ran) => out.trimEnd().split('\n').at(-1);
const page = (host: string) => fetchThroughEdge(world.environment, host);
const systemctl = (...args: string[]) => run(world.environment.SYSTEMCTL_PATH ?? '', args, {});
const containerNames = () => world.simulators.docker.control.containers().map(({ name }) => name);

describe("the seed's commands", () => {
  test('make a tunnel, run a container behind it, replace it, and take the tunnel away', async () => {
    const created = await script('create-customer-tunnel.sh customer_123 example.com 3100');
    expect(created.status, created.err).toBe(0);
    expect(created.out).toBe('✅ Tunnel created for example.com → localhost:3100\n');
    expect(containerNames()).toEqual([]);
    const { TUNNEL_CONFIG_DIR = '' } = world.environment;
    const config = readFileSync(path.join(TUNNEL_CONFIG_DIR, 'customer-customer_123.yml'), 'utf8');
    expect(config).toContain('service: http://localhost:3100');
    expect((await page('www.example.com')).status).toBe(502);

    const again = await script('create-customer-tunnel.sh customer_123 example.com 3100');
    expect([again.status, again.out]).toEqual([0, created.out]);
    expect((await world.simulators.cloudflare.control.listTunnels()).map(({ name }) => name)).toEqual([
      'customer-customer_123',
    ]);

    const unlicensed = await script('deploy-customer-container.sh customer_123 3100 berth-demo/site:1');
    expect([unlicensed.status, unlicensed.out]).toEqual([5, '']);
    expect(unlicensed.err).toContain('set LICENSE_KEY');
    const first = await script('deploy-customer-container.sh customer_123 3100 berth-demo/site:1', {
      LICENSE_KEY: 'license-1',
    });
    expect(first.status, first.err).toBe(0);
    expect(lastLine(first)).toMatch(/^Up (Less than a second|1 second|\d+ seconds)$/);
    expect((await page('example.com')).status).toBe(200);
    const second = await script('deploy-customer-container.sh customer_123 3100 berth-demo/site:2');
    expect(second.status, second.err).toBe(0);
    await until('the former container has gone', async () => containerNames().length === 1);
    const site = await api.untilState('customer_123', 'online');
    expect(site).toMatchObject({
      container: { name: 'customer-customer_123', image: 'berth-demo/site:2', port: 3100 },
    });

    const deleted = await script('delete-customer-tunnel.sh customer_123');
    expect(deleted.status, deleted.err).toBe(0);
    expect(deleted.out).toBe('✅ Tunnel deleted for example.com; its container runs on\n');
    expect(containerNames()).toEqual(['customer-customer_123']);
    expect(await world.simulators.cloudflare.control.listTunnels()).toEqual([]);
    expect((await script('delete-customer-tunnel.sh customer_123')).status).toBe(3);
    expect((await berth('site delete customer_123 --yes --wait')).status).toBe(0);
    expect(containerNames()).toEqual([]);
  });

  test('run a container alone, on the port that was asked for', async () => {
    const ran = await script('deploy-customer-container.sh inner 3107 berth-demo/site:1', { LICENSE_KEY: 'l' });
    expect([ran.status, ran.err]).toEqual([0, expect.stringContaining('container')]);
    expect(ran.out).toMatch(/^Up /);
    expect((await berth('site delete inner --yes --wait')).status).toBe(0);
  });

  test.each([
    [
      'create-customer-tunnel.sh',
      2,
      'usage: scripts/create-customer-tunnel.sh CUSTOMER_ID CUSTOMER_DOMAIN CUSTOMER_PORT',
    ],
    ['create-customer-tunnel.sh nobody a.de', 2, 'usage:'],
    ['create-customer-tunnel.sh nobody a.de 3100 more', 2, 'usage:'],
    ['create-customer-tunnel.sh nobody a.de port', 2, 'must be a number'],
    ['create-customer-tunnel.sh nobody a.de 4000', 5, 'the port must be a whole number from 3000 to 3999'],
    ['create-customer-tunnel.sh nobody www.a.de 3100', 5, 'the domain must be the registrable domain itself: a.de'],
    ['create-customer-tunnel.sh No.Body a.de 3100', 3, 'a key must match'],
    ['create-customer-tunnel.sh --json a.de 3100', 3, 'a key must match'],
    ['delete-customer-tunnel.sh', 2, 'usage:'],
    ['delete-customer-tunnel.sh nobody', 3, 'there is no site nobody'],
    ['deploy-customer-container.sh nobody 3100', 2, 'usage:'],
    ['deploy-customer-container.sh nobody 3100 UPPER:1', 5, 'the image must be an image reference'],
  ])('%s: exits with %i and does nothing', async (line, status, said) => {
    const ran = await script(line, { LICENSE_KEY: 'l' });
    expect({ status: ran.status, out: ran.out }, ran.err).toEqual({ status, out: '' });
    expect(ran.err).toContain(said);
    expect((await api.ask('GET', '/v1/sites/nobody')).status).toBe(404);
  });

  test('refuse a port that another site has, and another one than their own', async () => {
    expect((await script('create-customer-tunnel.sh one one.de 3150')).status).toBe(0);
    const taken = await script('create-customer-tunnel.sh two two.de 3150');
    expect([taken.status, taken.out]).toEqual([4, '']);
    expect(taken.err).toContain('port 3150 is taken by site one on host one');
    const other = await script('deploy-customer-container.sh one 3151 berth-demo/site:1', { LICENSE_KEY: 'l' });
    expect([other.status, other.err]).toEqual([4, expect.stringContaining('site one has port 3150')]);
    expect((await script('create-customer-tunnel.sh two one.de 3152')).err).toContain('one.de belongs to another site');
  });

  test('leave units behind that systemctl restarts by their name, and Berth settles on that', async () => {
    await script('create-customer-tunnel.sh hand hand.de 3160');
    const unit = 'cloudflared-customer-hand';
    const invocation = async () =>
      /^InvocationID=(.+)$/m.exec((await systemctl('show', unit, '-p', 'InvocationID')).out)?.[1];
    const before = await invocation();
    expect((await systemctl('restart', unit)).status).toBe(0);
    const byHand = await invocation();
    expect(byHand).not.toBe(before);
    expect((await script('create-customer-tunnel.sh hand hand.de 3160')).status, 'all of it is looked at').toBe(0);
    expect(await invocation(), 'and left alone').toBe(byHand);
    const restarted = await berth('site restart hand tunnel --wait');
    expect([restarted.status, restarted.out], restarted.err).toEqual([0, 'the tunnel of site hand was restarted\n']);
    expect((await systemctl('is-active', unit)).out.trim()).toBe('active');
    await api.untilState('hand', 'online');
    expect((await page('hand.de')).status, 'the tunnel leads to the host, where nobody listens').toBe(502);
  });
});

describe('berth', () => {
  test('orders a site, shows it within 80 columns, lists it and takes it away', async () => {
    const order = 'site create shop --domain shop.de --image berth-demo/site:1 --email e@example.org --name Erika';
    const created = await berth(`${order} --order 77 --env COLOR=blue --wait`, { LICENSE_KEY: 'secret-license' });
    expect(created.status, created.err).toBe(0);
    expect(created.out).toBe('site shop is live: https://shop.de\n');
    expect(created.err).toMatch(/^ {2}reachable +done +Live: https:\/\/shop\.de$/m);
    expect(created.out + created.err).not.toContain('\u001b');
    expect(created.out + created.err).not.toContain('secret-license');
    const repeated = await berth(`${order} --order 77 --env COLOR=blue --json`, { LICENSE_KEY: 'secret-license' });
    expect(JSON.parse(repeated.out)).toMatchObject({ orderId: '77', site: 'shop' });

    const shown = await berth('site show shop');
    expect(shown.out).toContain('shop  online\n');
    expect(shown.out).toMatch(/container +customer-shop · Up .+ · healthy/);
    expect(JSON.parse((await berth('site show shop --json')).out)).toMatchObject({ key: 'shop', state: 'online' });
    const listed = await berth('site list');
    expect(listed.out).toMatch(/^SITE +DOMAIN +STATE +PARTS +CREATED$/m);
    expect(listed.out).toMatch(/^shop +shop\.de +online +container\+tunnel +\d{4}-\d\d-\d\d$/m);
    expect((await berth('tunnel list')).out).toMatch(/^customer-shop +shop\.de +\d{4} +active +[\da-f-]{36}$/m);
    const info = await berth('tunnel info customer-shop');
    expect(info.out).toContain('cloudflared-customer-shop.service');
    expect(info.out).toMatch(/^CONNECTOR +EDGE +SINCE +VERSION$/m);

    const deploy = await berth('site deploy shop berth-demo/site:2 --wait --json');
    expect(JSON.parse(deploy.out)).toMatchObject({ kind: 'deploy', status: 'succeeded' });
    expect((await berth('site restart shop --wait')).out).toBe('the container of site shop was restarted\n');
    const asked = await berth('site delete shop');
    expect([asked.status, asked.err]).toEqual([2, expect.stringContaining('say --yes')]);
    expect((await berth('site delete shop --yes --wait')).out).toBe('site shop is gone\n');
    expect((await berth('site list')).out).not.toContain('shop.de');
    expect((await berth('site list --all')).out).toMatch(/^shop +shop\.de +gone/m);
  });

  test('says what failed, why and what to do, for people and for programs', async () => {
    const missing = await berth('site show nobody');
    expect(missing).toMatchObject({ status: 3, out: '' });
    expect(missing.err).toMatch(/^✖ reading site nobody: There is no such site\n.*\n {2}Fix: `berth site list`/);
    const forProgram = JSON.parse((await berth('site show nobody --json')).err);
    expect(forProgram).toMatchObject({ error: { code: 'site.not-found', status: 3, requestId: expect.any(String) } });
    expect(await berth('site list', { BERTH_API_KEY: 'berth_wrong' })).toMatchObject({ status: 7 });
    expect(await berth('site list', { BERTH_API_KEY: '' })).toMatchObject({ status: 78 });
    const away = await berth('site list', { BERTH_API_URL: 'http://127.0.0.1:1' });
    expect([away.status, away.err]).toEqual([75, expect.stringContaining('nothing answers at http://127.0.0.1:1')]);
    const file = path.join(dir, 'key');
    writeFileSync(file, `${api.key}\n`);
    expect(await berth('site list', { BERTH_API_KEY: '', BERTH_API_KEY_FILE: file })).toMatchObject({ status: 0 });
  });

  test('gives up waiting in time, and says for what it waited', async () => {
    await world.simulators.cloudflare.control.addZone('slow.de', 'active');
    const ran = await berth('tunnel create slow slow.de --wait --timeout 10');
    expect([ran.status, ran.out]).toEqual([124, '']);
    expect(ran.err).toMatch(/is not done after 10 s; it goes on by itself/);
    expect(ran.err).toContain('slow.de was active at Cloudflare before this order: an operator must confirm');
    const taken = await berth('tunnel create slow slow.de --wait --existing-zone');
    expect([taken.status, taken.out], taken.err).toEqual([0, expect.stringMatching(/→ localhost:\d{4}\n$/)]);
    const deleted = await berth('tunnel delete slow --yes --wait');
    expect([deleted.status, deleted.out]).toEqual([0, '✅ Tunnel deleted for slow.de; the site went with it\n']);
  });

  test('writes the certificate for cloudflared on a machine of its own', async () => {
    const token = {
      CF_API_TOKEN: 't'.repeat(40),
      CF_ACCOUNT_ID: 'a'.repeat(32),
      CF_ZONE_ID: 'b'.repeat(32),
      HOME: dir,
    };
    const written = await berth('tunnel cert', token);
    expect(written.status, written.err).toBe(0);
    expect(written.out + written.err).not.toContain(token.CF_API_TOKEN);
    const file = path.join(dir, '.cloudflared', 'cert.pem');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await berth('tunnel cert', token)).status).toBe(4);
    expect((await berth('tunnel cert', { ...token, HOST_ID: 'one' })).status).toBe(5);
  });
});
