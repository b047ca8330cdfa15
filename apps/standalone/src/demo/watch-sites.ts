import { setTimeout as delay } from 'node:timers/promises';
import type { SiteDetail } from '@berth/contract/site';
import type { BerthClient } from '@berth/example-order-system/berth-client';
import type { DemoSite } from './order-sites.ts';
import { toProgress } from './progress-lines.ts';
import type { Terminal } from './terminal.ts';

interface Watch {
  berth: BerthClient;
  terminal: Terminal;
  /** aborted when nobody wants to wait any longer */
  signal: AbortSignal;
}

/** Up to so many sites are shown step by step; of more only the first ones, and how many are live. */
const ALL_BY_STEPS = 8;
const SOME_BY_STEPS = 3;
const COUNT_MS = 2000;
/** Something is printed at least this often, so that nobody takes the demo for stuck. */
const LONGEST_SILENCE_MS = 10_000;

/** Tells the progress of all sites until each has gone live. @throws the signal's reason */
export async function watchSites(sites: readonly DemoSite[], watch: Watch): Promise<void> {
  const few = sites.length <= ALL_BY_STEPS;
  const shown = few ? sites : sites.slice(0, SOME_BY_STEPS);
  await Promise.all([...shown.map((site) => followSite(site, watch)), few ? undefined : countSites(sites, watch)]);
}

async function followSite(site: DemoSite, { berth, terminal, signal }: Watch): Promise<void> {
  if (site.wasLive) return;
  for await (const event of berth.followSite(site.key, signal)) {
    const line = toProgress(event);
    if (line) terminal.step(site.customer.domain, line.state, line.text);
    if (event.type === 'order.live') return sayLive(site, await berth.getSite(site.key), terminal);
    if (event.type === 'site.gone') throw new Error(`${site.customer.domain} was deleted`);
  }
}

function sayLive({ customer }: DemoSite, site: SiteDetail, terminal: Terminal): void {
  const { orderToLiveMs, activeToLiveMs } = timesOf(site);
  const after = `${inSeconds(orderToLiveMs)} after the order, ${inSeconds(activeToLiveMs)} after its zone went active`;
  terminal.step(customer.domain, 'done', terminal.bold(`live: ${after}`));
}

async function countSites(sites: readonly DemoSite[], { berth, terminal, signal }: Watch): Promise<void> {
  const ours = new Set(sites.map((site) => site.key));
  let said = '';
  let saidMs = 0;
  for (;;) {
    const states: Record<string, number> = {};
    let live = 0;
    for await (const site of berth.listSites()) {
      if (!ours.has(site.key)) continue;
      if (site.liveAt) live += 1;
      else states[site.state] = (states[site.state] ?? 0) + 1;
    }
    const others = Object.entries(states).map(([state, count]) => `${count} ${state}`);
    const text = [`${live} of ${sites.length} sites are live`, ...others].join(', ');
    if (text !== said || performance.now() - saidMs > LONGEST_SILENCE_MS) {
      terminal.step('all', live === sites.length ? 'done' : 'waits', text);
      said = text;
      saidMs = performance.now();
    }
    if (live === sites.length) return;
    await delay(COUNT_MS, undefined, { signal });
  }
}

/** How long it took from the order, and from the zone's activation, until the site was live; null as long as it isn't. */
export function timesOf(site: Pick<SiteDetail, 'createdAt' | 'zoneActiveAt' | 'liveAt'>): {
  orderToLiveMs: number | null;
  activeToLiveMs: number | null;
} {
  const live = site.liveAt === null ? null : Date.parse(site.liveAt);
  const since = (from: string | null) => (live === null || from === null ? null : live - Date.parse(from));
  return { orderToLiveMs: since(site.createdAt), activeToLiveMs: since(site.zoneActiveAt) };
}

function inSeconds(ms: number | null): string {
  return ms === null ? 'an unknown time' : `${(ms / 1000).toFixed(1)} s`;
}
