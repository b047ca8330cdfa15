import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import { createUser, ensureCustomerUser } from '@berth/shared/store/users';
import type { TestDatabase } from '@berth/shared/testing/test-database';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { ApiClient } from '../../support/api-client.ts';
import { startServices, type TestServices } from '../../support/standalone.ts';
import { openWorld, type World } from '../../support/world.ts';
import { type Look, openBrowser, openContext } from './browser.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';

type State = Awaited<ReturnType<BrowserContext['storageState']>>;
export type Who = { customer: string } | { role: 'viewer' | 'operator' | 'admin' };

/** Berth with its portal, and a browser in which people sign in. */
export interface Portal {
  world: World;
  services: TestServices;
  url: string;
  api: ApiClient;
  browser: Browser;
  mailbox: Mailbox;
  /** A page that nobody has signed in on. */
  stranger(look?: Look): Promise<Page>;
  /** A page of somebody who has signed in by a link. */
  as(who: Who, look?: Look): Promise<Page>;
  linkFor(who: Who): Promise<string>;
  close(): Promise<void>;
}

const VALID_MS = 600_000;
const PATIENCE_MS = 120_000;

/** Builds the portal where it isn't built yet, and starts all services over simulators whose zones go active only when they are told to. */
export async function openPortal(settings: Record<string, string> = {}, database?: TestDatabase): Promise<Portal> {
  await promisify(execFile)(process.execPath, ['scripts/portal.mjs']);
  const mailbox = await openMailbox();
  const quick = {
    CHECK_INTERVAL_SECONDS: '5',
    EDGE_CHECK_SECONDS: '10',
    HEALTH_START_SECONDS: '1',
    SUPPORT_EMAIL: 'help@berth.example',
    ...mailbox.settings,
    ...settings,
  };
  const world = await openWorld({ activateAfterMs: undefined, settings: quick, ...(database && { database }) });
  const services = await startServices(world.environment);
  const [api, browser] = [await world.client(services.apiUrl), await openBrowser()];
  const states = new Map<string, State>();

  async function linkFor(who: Who): Promise<string> {
    const email = 'customer' in who ? who.customer : `${who.role}@berth.example`;
    if ('customer' in who) await ensureCustomerUser(world.db, email);
    else await createUser(world.db, { email, name: `The ${who.role}`, role: who.role, language: 'en' });
    const { url } = await makeSignInLink(
      { db: world.db, chance: systemChance, publicUrl: services.apiUrl },
      { email, validMs: VALID_MS },
    );
    return url;
  }
  async function open(look?: Look, state?: State): Promise<Page> {
    const context = await openContext(browser, look, state);
    context.setDefaultTimeout(PATIENCE_MS);
    return context.newPage();
  }
  async function signIn(who: Who): Promise<State> {
    const page = await open();
    await page.goto(await linkFor(who));
    await page.getByRole('button', { name: 'Sign in now' }).click();
    await page.waitForURL(/\/(?:my|ops)(?:\/|$)/);
    const state = await page.context().storageState();
    await page.context().close();
    return state;
  }
  return {
    world,
    services,
    url: services.apiUrl,
    api,
    browser,
    mailbox,
    linkFor,
    stranger: (look) => open(look),
    async as(who, look) {
      const name = JSON.stringify(who);
      const state = states.get(name) ?? (await signIn(who));
      states.set(name, state);
      return open(look, state);
    },
    async close() {
      await browser.close();
      await services.stop();
      await world.close();
      await mailbox.stop();
    },
  };
}
