import type { SiteDomain } from '@berth/contract/domain';
import type { Me } from '@berth/contract/identity';
import type { Overview } from '@berth/contract/overview';
import type { SiteDetail } from '@berth/contract/site';
import type { Page } from 'playwright-core';
import type { Who } from './portal.ts';

const ERIKA: Who = { customer: 'erika@example.org' };
const ADMIN: Who = { role: 'admin' };

/** A state in which a page is looked at, and what brings it there: before it is opened, and after. */
export interface State {
  name: string;
  path: string;
  who: Who | undefined;
  before?: (page: Page) => Promise<unknown>;
  after?: (page: Page) => Promise<unknown>;
}

/** Has the page told something else than the API says: what is rare, or passes too quickly to be pictured. */
function tell<T>(glob: string, change: (told: T) => void): (page: Page) => Promise<unknown> {
  return (page) =>
    page.route(glob, async (route) => {
      // A page that is closed meanwhile needs no answer.
      const response = await route.fetch().catch(() => undefined);
      const told = (await response?.json().catch(() => undefined)) as T | undefined;
      if (!response || !told) return;
      change(told);
      await route.fulfill({ response, json: told }).catch(() => undefined);
    });
}

const withheld = (reason: string, message = '') =>
  tell<SiteDomain>('**/v1/sites/radhaus/domain', (told) => {
    told.nameServers = { state: 'withheld', names: [], reason, message };
  });
const site = (change: (told: SiteDetail) => void) => tell<SiteDetail>('**/v1/sites/mustermann', change);
const failing = (aspect: string, reason: string, message: string) => (told: SiteDetail) => {
  for (const one of told.conditions.filter((condition) => condition.aspect === aspect))
    Object.assign(one, { status: 'false', reason, message });
};
const refuse = (glob: string) => (page: Page) =>
  page.route(glob, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      json: { title: 'Berth is overloaded', status: 503, detail: 'Try again in a moment.', code: 'berth.busy' },
    }),
  );
const answerEmpty = (glob: string) => (page: Page) =>
  page.route(glob, (route) => route.fulfill({ json: { data: [], nextCursor: null } }));
async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.getByText(/No connection|Keine Verbindung/).waitFor();
}

const [domain, website, ops] = ['/my/radhaus/domain', '/my/mustermann/website', '/ops/sites/mustermann'];

/** States of pages beyond those that the pictured sites are in by themselves. */
export const statesToSee: readonly State[] = [
  { name: 'link', path: '/sign-in/link#sixteen-letters-and-more', who: undefined },
  { name: 'link-missing', path: '/sign-in/link', who: undefined },
  { name: 'invitation', path: '/sign-in/invitation#sixteen-letters-and-more', who: undefined },
  {
    name: 'no-site',
    path: '/my',
    who: ERIKA,
    before: tell<Me>('**/v1/me', (told) => {
      told.sites = [];
    }),
  },
  { name: 'not-found', path: '/nothing/like/this', who: ADMIN },
  { name: 'strange-site', path: '/my/blumen-lehmann/website', who: ERIKA },
  { name: 'second-factor', path: '/second-factor', who: ADMIN },
  { name: 'domain-scanning', path: domain, who: ERIKA, before: withheld('ScanningRecords') },
  { name: 'domain-mail-missing', path: domain, who: ERIKA, before: withheld('MailRecordsMissing') },
  { name: 'domain-dnssec', path: domain, who: ERIKA, before: withheld('DnssecActive') },
  { name: 'domain-dnssec-ending', path: domain, who: ERIKA, before: withheld('DnssecEnding') },
  {
    name: 'domain-unregistered',
    path: domain,
    who: ERIKA,
    before: withheld('DomainNotRegistered', 'radhaus-nord.de is not registered. Register it, then check again.'),
  },
  {
    name: 'domain-checked',
    path: domain,
    who: ERIKA,
    after: (page) => page.getByRole('button', { name: /Check now|Jetzt prüfen/ }).click(),
  },
  {
    name: 'website-offline',
    path: website,
    who: ERIKA,
    before: site((told) => {
      told.health = 'unreachable';
      failing('reachable', 'Unreachable', 'https://mustermann.de does not answer.')(told);
    }),
  },
  {
    name: 'website-degraded',
    path: website,
    who: ERIKA,
    before: site((told) => {
      told.health = 'unhealthy';
      failing('healthy', 'BadStatus', 'The website answers with 502.')(told);
    }),
  },
  {
    name: 'website-restart',
    path: website,
    who: ERIKA,
    after: (page) => page.getByRole('button', { name: /Restart the website|Website neu starten/ }).click(),
  },
  { name: 'website-no-connection', path: website, who: ERIKA, after: goOffline },
  { name: 'website-refused', path: website, who: ERIKA, before: refuse('**/v1/sites/mustermann') },
  {
    name: 'ops-offline',
    path: ops,
    who: ADMIN,
    before: site((told) => {
      told.health = 'unreachable';
      failing('reachable', 'Unreachable', 'https://mustermann.de does not answer.')(told);
    }),
  },
  { name: 'ops-no-connection', path: '/ops', who: ADMIN, after: goOffline },
  {
    name: 'ops-calm',
    path: '/ops',
    who: ADMIN,
    before: tell<Overview>('**/v1/overview', (told) => {
      told.attention = [];
    }),
  },
  { name: 'ops-refused', path: '/ops/sites', who: ADMIN, before: refuse('**/v1/sites?**') },
  { name: 'ops-no-sites', path: '/ops/sites', who: ADMIN, before: answerEmpty('**/v1/sites?**') },
  { name: 'ops-no-orders', path: '/ops/orders', who: ADMIN, before: answerEmpty('**/v1/orders?**') },
  { name: 'ops-no-hosts', path: '/ops/hosts', who: ADMIN, before: answerEmpty('**/v1/hosts') },
  { name: 'ops-no-audit', path: '/ops/audit?actor=nothing-like-this', who: ADMIN },
];
