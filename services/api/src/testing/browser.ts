import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import { createUser, ensureCustomerUser, type User } from '@berth/shared/store/users';
import { type Answer, anOrder, type TestApi } from './test-api.ts';

const LINK_MS = 60_000;

/** A browser: it keeps cookies and says which page it shows. */
export interface TestBrowser {
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  cookie(): string;
}

export function openBrowser(api: TestApi): TestBrowser {
  const cookies = new Map<string, string>();
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    cookie,
    async ask(method, path, body) {
      const headers = { origin: api.url, ...(cookies.size > 0 && { cookie: cookie() }) };
      const answer = await api.ask(method, path, { key: null, body, headers });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = '', ...more] = set.split('; ');
        const [name = ''] = pair.split('=', 1);
        if (more.includes('Max-Age=0')) cookies.delete(name);
        else cookies.set(name, pair.slice(name.length + 1));
      }
      return answer;
    },
  };
}

/** A browser in which somebody has signed in by a link. */
export async function signedIn(api: TestApi, email: string): Promise<TestBrowser> {
  const browser = openBrowser(api);
  const deps = { db: api.context.db, chance: systemChance, publicUrl: api.url };
  const { url } = await makeSignInLink(deps, { email, validMs: LINK_MS });
  const answer = await browser.ask('POST', '/v1/sign-in/links', { token: url.split('#')[1] });
  if (answer.status !== 200) throw new Error(answer.text);
  return browser;
}

/** Somebody who runs Berth, signed in. */
export async function signedInAs(api: TestApi, role: Exclude<User['role'], 'customer'>): Promise<TestBrowser> {
  const email = `${role}-${systemChance.newId().slice(0, 8)}@example.org`;
  await createUser(api.context.db, { email, name: role, role, language: 'en' });
  return signedIn(api, email);
}

/** A customer with a site, signed in. */
export async function signedInCustomer(api: TestApi): Promise<{
  browser: TestBrowser;
  email: string;
  site: string;
  orderId: string;
  operation: string;
  customer: string;
}> {
  const customer = `c${systemChance.newId().slice(0, 8)}`;
  const email = `${customer}@example.org`;
  const order = anOrder({ customer: { id: customer, name: 'Erika', email } });
  const { body } = await api.ask('POST', '/v1/orders', { body: order, headers: { 'idempotency-key': customer } });
  await ensureCustomerUser(api.context.db, email);
  const browser = await signedIn(api, email);
  return { browser, email, site: body.site, orderId: String(order.orderId), operation: body.operation.id, customer };
}
