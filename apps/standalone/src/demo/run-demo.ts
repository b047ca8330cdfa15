import { setMaxListeners } from 'node:events';
import { type BerthClient, makeBerthClient } from '@berth/example-order-system/berth-client';
import { within } from '@berth/shared/runtime/within';
import type { DemoOptions } from './arguments.ts';
import { bringVisitors } from './bring-visitors.ts';
import type { ChosenProfile } from './choose-profile.ts';
import type { DemoCustomer } from './customers.ts';
import { DemoFailed } from './demo-failed.ts';
import type { Ending } from './ending.ts';
import { type DemoSite, orderSites } from './order-sites.ts';
import { openDemoPlace } from './place.ts';
import { receiveWebhooks } from './receive-webhooks.ts';
import { showDoors, showPortal } from './show-doors.ts';
import { startWorld } from './start-world.ts';
import type { Terminal } from './terminal.ts';
import { isOk, type VisitedSite, visitSites } from './visit-sites.ts';
import { watchSites } from './watch-sites.ts';
import { wishMails } from './wish-mails.ts';

interface Demo {
  options: DemoOptions;
  customers: readonly DemoCustomer[];
  profile: ChosenProfile;
  dataDir: string | undefined;
  terminal: Terminal;
  ending: Ending;
  /** told where the services' log is */
  onLog(file: string): void;
  signal: AbortSignal;
}

/**
 * Starts everything, orders, watches and visits. What was started is noted in `ending`.
 * @returns the sites, all of which answered
 * @throws DemoFailed, the signal's reason, or what a part that couldn't start said
 */
export async function runDemo(demo: Demo): Promise<VisitedSite[]> {
  const { options, customers, profile, terminal, ending, signal } = demo;
  const place = await openDemoPlace({ fresh: options.fresh, dataDir: demo.dataDir, part: options.real ? 'real' : '' });
  ending.add('the lock', () => place.leave(), { outlives: true });
  demo.onLog(place.logFile);
  terminal.line(terminal.dim(`everything lies in ${place.dir}, the services' log in ${place.logFile}`));
  terminal.title(place.goesOn ? 'Start, where the last demo ended' : 'Start');
  const world = await startWorld({ place, profile: profile.name, real: options.real, terminal, ending, signal });

  const webhooks = await receiveWebhooks(world, ending);

  const quit = new AbortController();
  ending.add('the order system', () => quit.abort());
  const until = AbortSignal.any([signal, quit.signal]);
  setMaxListeners(0, until);
  const berth = makeBerthClient({ apiUrl: world.apiUrl, apiKey: world.orderSystemKey, signal: until });
  terminal.title(`Order ${customers.length === 1 ? 'a site' : `${customers.length} sites`} over HTTP`);
  for (const { host } of customers) await world.giveMail(host);
  const ordered = await orderSites(customers, { berth, terminal });
  await showPortal(world, ordered, terminal);
  await wishMails(world, ordered, until);
  await waitUntilLive(ordered, { berth, terminal, signal: until, timeoutMs: options.timeoutMs });

  terminal.title('Fetch each site through the edge');
  const sites = await visitSites(ordered, { berth, edge: world.edge, terminal, signal: until });
  const answering = sites.filter(isOk).map(({ host }) => host);
  await bringVisitors(answering, world.edge, until);
  await webhooks.report(ordered, terminal, until);
  showDoors(world, sites, { terminal, dir: place.dir, once: options.once });
  const silent = sites.filter((site) => !isOk(site));
  if (silent.length > 0) throw new DemoFailed(`${list(silent.map((site) => site.domain))} did not answer`, sites);
  return sites;
}

interface Wait {
  berth: BerthClient;
  terminal: Terminal;
  signal: AbortSignal;
  timeoutMs: number;
}

async function waitUntilLive(sites: readonly DemoSite[], { berth, terminal, signal, timeoutMs }: Wait): Promise<void> {
  const late = within(signal, timeoutMs);
  try {
    await watchSites(sites, { berth, terminal, signal: late });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
    const reasons = await Promise.all(sites.slice(0, MOST_ASKED).map((site) => whyNotLive(berth, site)));
    const told = reasons.filter((reason) => reason !== undefined);
    throw new DemoFailed([`not every site is live after ${timeoutMs / 1000} s`, ...told].join('\n    '));
  }
}

const MOST_ASKED = 50;

/** What a site that isn't live waits for; undefined when it's live. */
async function whyNotLive(berth: BerthClient, { customer, key }: DemoSite): Promise<string | undefined> {
  const site = await berth.getSite(key);
  if (site.liveAt) return undefined;
  const open = site.conditions.filter((one) => one.status !== 'true' && one.reason !== 'Waiting');
  const why = open.map(({ aspect, reason, message }) => `${aspect}: ${message || reason}`).join('; ');
  return `${customer.domain}: ${why || site.state}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
