import { ensureTrafficPartitions } from '@berth/shared/store/traffic-readings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listenForComplaints, whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

const ERIKA = { customer: 'erika@example.org' };
const order = (id: string, domain: string, email: string) =>
  portal.api.order({ orderId: id, domain, customer: { id, name: 'Erika Mustermann', email } });
const activate = (domain: string) => portal.world.simulators.cloudflare.control.activateZone(domain);

describe.skipIf(whyNoBrowser())('a customer', () => {
  beforeAll(async () => {
    portal = await openPortal();
    await order('erika', 'mustermann.de', ERIKA.customer);
    await order('other', 'somebody-else.de', 'other@example.org');
    await portal.api.untilState('erika', 'waiting');
    await portal.api.untilState('other', 'waiting');
  });
  afterAll(() => portal?.close());

  test('signs in by a link as mails have it, by pressing a button', async () => {
    const page = await portal.stranger();
    const complaints = listenForComplaints(page);
    await page.goto(portal.url);
    await page.getByLabel('E-mail address').fill(ERIKA.customer);
    await page.getByRole('button', { name: 'Send me the e-mail' }).click();
    await page.getByRole('heading', { name: 'Look into your inbox' }).waitFor();
    const link = await portal.linkFor(ERIKA);
    await page.goto(link);
    await page.getByRole('button', { name: 'Sign in now' }).click();
    await page.getByRole('heading', { name: 'Connect mustermann.de' }).waitFor();
    // The link works once, and is in no history.
    await page.goto(link);
    await page.waitForURL(({ hash }) => hash === '');
    expect(complaints).toEqual([]);
    await page.getByRole('button', { name: 'Sign in now' }).click();
    await page.getByRole('heading', { name: 'This link does not work any more' }).waitFor();
    await page.context().close();
  });

  test('sees both name servers, what is found and what is expected, and each step until the website is live', async () => {
    const page = await portal.as(ERIKA, { phone: true });
    const complaints = listenForComplaints(page);
    await page.goto(`${portal.url}/my/erika/domain`);
    const names = (await portal.api.ask('GET', '/v1/sites/erika')).body.nameServers as string[];
    for (const name of names) await page.getByText(name, { exact: true }).first().waitFor();
    const help = page.getByRole('link', { name: 'help@berth.example' });
    expect(await help.getAttribute('href')).toBe('mailto:help@berth.example?subject=erika');
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Not there yet').waitFor();
    await page.getByText('ns1.registrar.example').waitFor();
    const step = (name: string) => page.getByRole('listitem').filter({ hasText: name });
    expect(await step('Name servers changed').getAttribute('aria-current')).toBe('step');

    await activate('mustermann.de');
    await page.getByRole('heading', { name: 'mustermann.de is connected' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Online, done' }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('copies a name server, reads where it goes at their provider, and sends all of it to somebody else', async () => {
    const page = await portal.as({ customer: 'other@example.org' });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${portal.url}/my/other/domain`);
    const names = (await portal.api.ask('GET', '/v1/sites/other')).body.nameServers as string[];
    expect(names).toHaveLength(2);
    for (const name of names) {
      await page.getByRole('button', { name: `Copy ${name}` }).click();
      await page.getByRole('button', { name: `Copied ${name}` }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(name);
    }
    await page.getByLabel('Your provider').selectOption('IONOS');
    await page.getByText('Choose “Name servers”, then “Use custom name servers”.').waitFor();
    const mail = await page.getByRole('link', { name: 'Send this to my IT person' }).getAttribute('href');
    const { protocol, searchParams } = new URL(mail ?? '');
    expect(protocol).toBe('mailto:');
    expect(searchParams.get('subject')).toContain('somebody-else.de');
    for (const name of names) expect(searchParams.get('body')).toContain(name);
    await page.context().close();
  });

  test('follows what happens to the website by one stream, without asking for it', async () => {
    await portal.api.untilState('erika', 'online');
    const page = await portal.as(ERIKA);
    const opened = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/v1/events');
    await page.goto(`${portal.url}/my/erika/website`);
    expect((await opened).status()).toBe(200);
    await page.getByText('Your website is online').waitFor();
    const asked: string[] = [];
    await page.route('**/v1/sites/erika/events*', (route) => {
      asked.push(route.request().headers().accept ?? '');
      return route.abort();
    });
    const restart = await portal.api.ask('POST', '/v1/sites/erika/restarts', { body: { target: 'container' } });
    await page.getByText('A restart was asked for').first().waitFor();
    expect(asked.filter((accept) => accept.includes('event-stream'))).toEqual([]);
    // What it comes to would be read by the next page, where it happens before that one's stream is open.
    await portal.api.untilDone(restart.body.url);
    await portal.api.untilState('erika', 'online');
    await page.context().close();
  });

  test('has the history of the website read once when the page opens', async () => {
    const page = await portal.as(ERIKA);
    const asked: string[] = [];
    const answered: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('requestfinished', (request) => answered.push(new URL(request.url()).pathname));
    const count = (all: string[], path: string) => all.filter((one) => one === path).length;
    await page.goto(`${portal.url}/my/erika/website`);
    await page.getByText('Your website is online').waitFor();
    // Once the stream is open the website is read anew, which tells whether anything was missed until then.
    await expect.poll(() => count(answered, '/v1/sites/erika')).toBeGreaterThan(1);
    expect(count(asked, '/v1/sites/erika/events')).toBe(1);
    await page.context().close();
  });

  test('sees by asking what no stream tells, and how much of the mail was found', async () => {
    const [email, domain] = ['otto@example.org', 'later.de'];
    await portal.world.simulators.cloudflare.control.setFormerRecords(domain, [
      { type: 'MX', name: domain, content: 'mx.provider.example', priority: 10, ttl: 3600 },
      { type: 'TXT', name: domain, content: '"v=spf1 mx -all"', ttl: 3600 },
      { type: 'TXT', name: `_dmarc.${domain}`, content: '"v=DMARC1; p=reject"', ttl: 3600 },
      { type: 'A', name: domain, content: '192.0.2.10', ttl: 3600 },
    ]);
    await order('otto', domain, email);
    const page = await portal.as({ customer: email }, { phone: true });
    await page.route('**/v1/events', (route) => route.abort());
    await page.goto(`${portal.url}/my/otto/domain`);
    await page.getByText('We found 3 mail records at your present provider and keep them.').waitFor();
    await activate(domain);
    await page.getByRole('heading', { name: `${domain} is connected` }).waitFor();
    await page.context().close();
  });

  test('is told in plain words why there are no name servers yet, as long as entries of the mail are missing', async () => {
    const [email, domain] = ['karl@example.org', 'lost-mail.de'];
    const { control } = portal.world.simulators.cloudflare;
    await control.setUnscannedRecords(domain, [{ type: 'MX', name: domain, content: 'mx.alt.example', priority: 10 }]);
    const refusal = { kind: 'refusal', status: 400, code: 1004, times: 1000 } as const;
    await control.misbehave({ method: 'POST', path: 'dns_records$', ...refusal });
    await order('karl', domain, email);
    const german = await portal.as({ customer: email }, { language: 'de', phone: true });
    await german.goto(`${portal.url}/my/karl/domain`);
    await german.getByText('Ihre E-Mails gehen vor').waitFor();
    await german.getByText('mx.alt.example').waitFor();
    const page = await portal.as({ customer: email });
    await page.goto(`${portal.url}/my/karl/domain`);
    await page.getByText('Your e-mail comes first').waitFor();
    expect(await page.getByText('ns.cloudflare.com').count()).toBe(0);

    await control.behave();
    await portal.api.ask('POST', '/v1/sites/karl/conditions/zone/retries', { body: {} });
    await page.getByText('ns.cloudflare.com').first().waitFor();
    await page.getByText('We found one mail record at your present provider and keep it.').waitFor();
    await german.getByText('Ihre E-Mail-Adressen funktionieren weiter').waitFor();
    await Promise.all([page.context().close(), german.context().close()]);
  });

  test('is told to switch DNSSEC off before anything else', async () => {
    const [email, domain] = ['paula@example.org', 'signed.de'];
    const { control } = portal.world.simulators.cloudflare;
    const ds = { keyTag: 4711, algorithm: 13, digestType: 2, digest: 'ab'.repeat(32) };
    await control.setDelegation(domain, { ds: [ds] });
    await order('paula', domain, email);
    const page = await portal.as({ customer: email });
    await page.goto(`${portal.url}/my/paula/domain`);
    await page.getByRole('alert').filter({ hasText: 'First switch off DNSSEC' }).waitFor();
    const mail = await page.getByRole('link', { name: 'Send this to my IT person' }).getAttribute('href');
    expect(decodeURIComponent(mail ?? '')).toContain('please switch off DNSSEC for signed.de');
    expect(await page.getByText('ns.cloudflare.com').count()).toBe(0);
    await control.setDelegation(domain, { ds: [] });
    await portal.api.ask('POST', '/v1/sites/paula/conditions/zone/retries', { body: {} });
    await page.getByText('DNSSEC is switched off').waitFor();
    expect(await page.getByText('ns.cloudflare.com').count()).toBe(0);
    await page.context().close();
  });

  test('sees how the website is, why, since when and when it was looked at, and what it wrote last', async () => {
    await portal.api.untilState('erika', 'online');
    const page = await portal.as(ERIKA);
    await page.goto(`${portal.url}/my/erika/website`);
    const status = page.getByRole('region', { name: 'Status' });
    await status.getByText('Online', { exact: true }).waitFor();
    await status.getByText('Your website answers.').waitFor();
    for (const said of ['since', 'last checked'])
      expect(await status.getByText(said).locator('time').getAttribute('datetime')).toMatch(/^20\d\d-/);
    const log = page.getByRole('log', { name: 'Messages from the website' });
    await log.getByText('listening on :3000').first().waitFor();
    portal.world.simulators.docker.control.writeLine('customer-erika', 'parcel 17 packed');
    await log.getByText('parcel 17 packed').waitFor();
    await page.context().close();
  });

  test('restarts the website after being told what it means, and sees it done', async () => {
    await portal.api.untilState('erika', 'online');
    const page = await portal.as(ERIKA);
    await page.goto(`${portal.url}/my/erika/website`);
    await page.getByText('Online', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Restart the website' }).click();
    await page.getByText('about 5 seconds').waitFor();
    await page.getByRole('button', { name: 'Restart now' }).click();
    await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
    await page.context().close();
  });

  test('is told how long to wait when a fourth restart in ten minutes is refused', async () => {
    const page = await portal.as(ERIKA);
    const more = { headers: { origin: portal.url }, data: { target: 'container' } };
    const restart = () => page.request.post(`${portal.url}/v1/sites/erika/restarts`, more);
    const statuses: number[] = [];
    while (statuses.length < 4 && !statuses.includes(429)) statuses.push((await restart()).status());
    expect(statuses.at(-1)).toBe(429);
    await page.goto(`${portal.url}/my/erika/website`);
    await page.getByRole('button', { name: 'Restart the website' }).click();
    await page.getByRole('button', { name: 'Restart now' }).click();
    await page.getByRole('alert').filter({ hasText: 'You can restart again in' }).waitFor();
    await page.context().close();
  });

  test('is told that visitors are not in the plan, where Cloudflare gives none', async () => {
    await portal.world.db.pool.query(
      `insert into zone_traffic (zone_id, gives) select zone_id, 'nothing' from sites where key = 'erika'
      on conflict (zone_id) do update set gives = 'nothing', gives_at = now()`,
    );
    const page = await portal.as(ERIKA, { language: 'de' });
    await page.goto(`${portal.url}/my/erika/visitors`);
    await page.getByText('Nicht in diesem Tarif').waitFor();
    await page.context().close();
  });

  test('sees who came in figures, as a table too', async () => {
    // A zone that isn't active yet: nobody else writes its hours.
    await ensureTrafficPartitions(portal.world.db);
    await portal.world.db.pool.query(
      `with given as (insert into zone_traffic (zone_id, read_until, gives)
        select zone_id, now(), 'all' from sites where key = 'karl' on conflict (zone_id) do update set gives = 'all')
      insert into traffic_hourly (site_id, hour, requests, bytes, cached_requests, cached_bytes, visitors, statuses, countries)
      select id, date_trunc('hour', now()), 1234, 2500000, 617, 1000, 56, '{"2xx":1234}', '{"DE":1000,"XX":230,"T1":4}'
      from sites where key = 'karl'`,
    );
    const page = await portal.as({ customer: 'karl@example.org' });
    await page.goto(`${portal.url}/my/karl/visitors`);
    const shown = { Visitors: '56', Requests: '1,234', 'Data sent': '2.5 MB', 'Answered from the cache': '50%' };
    const totals = page.getByRole('region', { name: 'In these 30 days' });
    await totals.getByText('Our own checks').waitFor();
    for (const [name, value] of Object.entries(shown))
      await totals.locator(`dt:text-is("${name}") + dd`).getByText(value, { exact: true }).waitFor();
    const countries = page.getByRole('region', { name: 'Requests by country' });
    for (const [name, count] of Object.entries({ Germany: '1,000', unknown: '230', Tor: '4' }))
      expect(await countries.locator(`dt:text-is("${name}") + dd`).textContent()).toBe(count);
    await page.getByText('As a table').click();
    await page.getByRole('cell', { name: '56', exact: true }).waitFor();
    await page.context().close();
  });

  test('is told that somebody works on the website, for as long as that is so', async () => {
    const page = await portal.as(ERIKA, { language: 'de', phone: true });
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = { site: 'erika', endsAt, reason: 'new disks' };
    const window = (await portal.api.ask('POST', '/v1/maintenance-windows', { body })).body;
    await page.goto(`${portal.url}/my/erika/website`);
    await page.getByText('Wir arbeiten gerade daran').waitFor();
    await page.getByText('Wartung', { exact: true }).waitFor();
    expect(await page.getByText('new disks').count()).toBe(0);
    await portal.api.ask('DELETE', `/v1/maintenance-windows/${window.id}`);
    await page.reload();
    await page.getByText('Ihre Website antwortet.').waitFor();
    await page.context().close();
  });

  test("gets neither to others' websites nor to the operators' pages", async () => {
    const page = await portal.as(ERIKA);
    await page.goto(`${portal.url}/my/other/website`);
    await page.getByText('That did not work').first().waitFor();
    expect(await page.getByText('somebody-else.de').count()).toBe(0);
    await page.getByRole('link', { name: 'Go to the start page' }).waitFor();
    expect(await page.getByRole('button', { name: 'Reload' }).count()).toBe(0);
    await page.goto(`${portal.url}/ops/sites`);
    await page.waitForURL(/\/my\/erika\//);
    await page.context().close();
  });

  test('is told when there is no connection, and sees what is new when it is back', async () => {
    const page = await portal.as({ customer: 'other@example.org' });
    await page.goto(`${portal.url}/my/other/website`);
    const status = page.getByRole('region', { name: 'Status' });
    await status.getByText('Waiting', { exact: true }).waitFor();
    await page.context().setOffline(true);
    await page.getByText('No connection.').waitFor();
    await activate('somebody-else.de');
    await portal.api.untilState('other', 'online');
    // What was read stays on the screen.
    expect(await status.getByText('Online', { exact: true }).count()).toBe(0);
    await page.context().setOffline(false);
    await page.getByText('No connection.').waitFor({ state: 'detached' });
    await status.getByText('Online', { exact: true }).waitFor();
    await page.context().close();
  });
});
