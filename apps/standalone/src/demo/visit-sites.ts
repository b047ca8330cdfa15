import { setTimeout as delay } from 'node:timers/promises';
import type { BerthClient } from '@berth/example-order-system/berth-client';
import { type Edge, type EdgeAnswer, fetchThroughEdge } from './fetch-through-edge.ts';
import { forEachSome } from './for-each-some.ts';
import type { DemoSite } from './order-sites.ts';
import type { Terminal } from './terminal.ts';
import { timesOf } from './watch-sites.ts';

/** What a visitor got of a site, and how long it took until it was live. */
export interface VisitedSite {
  domain: string;
  /** in ASCII */
  host: string;
  /** HTTP's; null when no answer came */
  status: number | null;
  orderToLiveMs: number | null;
  activeToLiveMs: number | null;
  url: string;
  /** the container itself, for a browser on this machine, which knows nothing of the edge */
  containerUrl: string | null;
}

interface Visit {
  berth: BerthClient;
  edge: Edge;
  terminal: Terminal;
  signal: AbortSignal;
}

const AT_ONCE = 8;
const MOST_TOLD = 8;
const OK = 200;
/** After a new start containers and connectors need a moment, as after a machine's. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

/** Fetches each site through the edge, as a visitor would. */
export async function visitSites(sites: readonly DemoSite[], visit: Visit): Promise<VisitedSite[]> {
  const tellsAll = sites.length <= MOST_TOLD;
  const visited = await forEachSome(sites, AT_ONCE, (site) => visitSite(site, visit, tellsAll));
  if (!tellsAll) {
    const answered = visited.filter((site) => isOk(site)).length;
    visit.terminal.step('all', 'done', `${answered} of ${sites.length} sites answered with HTTP ${OK}`);
  }
  return visited;
}

async function visitSite(visited: DemoSite, visit: Visit, tellsAll: boolean): Promise<VisitedSite> {
  const { key, wasLive } = visited;
  const { domain, host } = visited.customer;
  const { answer, failure } = await fetchPatiently(host, visit);
  if (tellsAll && wasLive) await tellReplacedPorts(visited, visit);
  const site = await visit.berth.getSite(key);
  const state = isOk(answer) ? 'done' : 'waits';
  const text = answer ? `HTTP ${answer.status}, ${headingOf(answer)}` : `no answer: ${failure?.message}`;
  if (tellsAll || state === 'waits') visit.terminal.step(domain, state, `GET https://${host}/ → ${text}`);
  const port = site.placement?.port;
  return {
    domain,
    host,
    status: answer?.status ?? null,
    ...timesOf(site),
    url: `https://${host}/`,
    containerUrl: port ? `http://127.0.0.1:${port}/` : null,
  };
}

/** Between two demos another program may have taken a container's port; of the sites that were live nothing was told so far. */
async function tellReplacedPorts({ customer, key }: DemoSite, { berth, terminal }: Visit): Promise<void> {
  for await (const event of berth.listEvents(key)) {
    const isNew = Date.parse(event.at) > performance.timeOrigin;
    if (event.type === 'port.replaced' && isNew) terminal.step(customer.domain, 'note', event.message);
  }
}

async function fetchPatiently(
  host: string,
  { edge, signal }: Visit,
): Promise<{ answer?: EdgeAnswer | undefined; failure?: Error }> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const tried = await fetchThroughEdge(host, edge, { signal }).then(
      (answer) => ({ answer }),
      (error: unknown) => ({ answer: undefined, failure: error instanceof Error ? error : new Error(String(error)) }),
    );
    signal.throwIfAborted();
    if (isOk(tried.answer) || performance.now() > until) return tried;
    await delay(PAUSE_MS, undefined, { signal });
  }
}

/** Whether a site answered as it should. */
export function isOk(answer: { status: number | null } | undefined): boolean {
  return answer?.status === OK;
}

function headingOf({ body }: EdgeAnswer): string {
  const heading = /<h1>(.*?)<\/h1>/s.exec(body)?.[1];
  return heading ? `“${heading}”` : `${Buffer.byteLength(body)} bytes`;
}
