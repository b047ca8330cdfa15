import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { whyNoBrowser } from './support/browser.ts';
import { openPortal, type Portal } from './support/portal.ts';

let portal: Portal;

const retry = (key: string, aspect: string) =>
  portal.api.ask('POST', `/v1/sites/${key}/conditions/${aspect}/retries`, { body: {} });
const holdZones = () =>
  portal.world.simulators.cloudflare.control.misbehave({ method: 'POST', path: '^/zones$', kind: '5xx', times: 1000 });

describe.skipIf(whyNoBrowser())('from the order to the live website', () => {
  beforeAll(async () => {
    portal = await openPortal();
  });
  afterAll(() => portal?.close());

  test('a customer sees each step when it is its turn, on a page that is opened once', async () => {
    const { cloudflare, docker } = portal.world.simulators;
    const [email, domain] = ['erika@example.org', 'steps.de'];
    await holdZones();
    docker.control.addFault({ kind: 'error', on: 'POST /containers/create', status: 500, message: 'held', times: 0 });
    await cloudflare.control.holdCertificate(domain);
    await portal.api.order({ orderId: 'steps', domain, customer: { id: 'steps', name: 'Erika Mustermann', email } });
    const page = await portal.as({ customer: email }, { phone: true });
    await page.goto(`${portal.url}/my/steps/domain`);
    await page.evaluate('window.isTheFirst = true');
    const current = page.getByRole('list', { name: 'Progress' }).locator('[aria-current=step]');
    const untilAt = (step: string) => current.filter({ hasText: `${step}, now` }).waitFor();

    await untilAt('Domain prepared');
    await page.getByText('We are preparing your domain').waitFor();
    await cloudflare.control.behave();
    await retry('steps', 'zone');
    await untilAt('Name servers changed');
    await cloudflare.control.activateZone(domain);
    await untilAt('Website set up');
    docker.control.clearFaults();
    await retry('steps', 'container');
    await untilAt('Online');
    await cloudflare.control.issueCertificate(domain);
    await page.getByRole('listitem').filter({ hasText: 'Online, done' }).waitFor();
    expect(await current.count()).toBe(0);
    expect(await page.evaluate('window.isTheFirst')).toBe(true);
    await page.context().close();
  });

  test('an operator sees how often a step was tried, has it tried again, and how long each took', async () => {
    const { control } = portal.world.simulators.cloudflare;
    await holdZones();
    await portal.api.order({ orderId: 'again', domain: 'again.de', customer: { id: 'again' } });
    const page = await portal.as({ role: 'operator' });
    await page.goto(`${portal.url}/ops/sites/again`);
    const steps = page.getByRole('region', { name: 'Steps' }).getByRole('listitem');
    const step = (name: string, state: string) => steps.filter({ hasText: new RegExp(`${name}(?: one)?: ${state}`) });

    const zone = step('Zone', 'under way');
    await zone.filter({ hasText: /\d+ (?:try|tries)/ }).waitFor();
    await step('Routes', 'to come').waitFor();
    await control.behave();
    await zone.getByRole('button', { name: 'Try now Zone' }).click();
    await zone.filter({ hasText: 'NameserversNotChanged' }).waitFor();
    expect(await zone.filter({ hasText: /\d+ (?:try|tries)/ }).count()).toBe(0);

    await control.activateZone('again.de');
    for (const name of ['Zone', 'Placement', 'Container', 'Tunnel', 'Connector', 'Routes', 'Reachable']) {
      const done = step(name, 'done');
      await done.filter({ hasText: /done\s*\d+\s(?:sec|min|hr)/ }).waitFor();
      expect(await done.locator('time').count()).toBe(1);
      expect(await done.getByRole('button').count()).toBe(0);
    }
    await page.context().close();
  });
});
