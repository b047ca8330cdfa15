import { type Edge, fetchThroughEdge } from './fetch-through-edge.ts';

/** Where the demo's visitors come from: an address of each, and its country. */
const VISITORS = [
  ['198.51.100.7', 'DE'],
  ['198.51.100.8', 'DE'],
  ['198.51.100.21', 'DE'],
  ['203.0.113.4', 'AT'],
  ['203.0.113.5', 'CH'],
  ['192.0.2.33', 'FR'],
] as const;

/** Sites of a large demo that get visitors. */
const SITES_MAX = 8;

/**
 * Has people from several countries look at sites through the edge, some of them at a page that isn't there, so that there is traffic to
 * show. Whoever gets no answer doesn't come again.
 */
export async function bringVisitors(hosts: readonly string[], edge: Edge, signal: AbortSignal): Promise<void> {
  for (const [index, [address, country]] of VISITORS.entries()) {
    const headers = { 'x-simulated-visitor': `${address} ${country}` };
    const paths = index % 3 === 0 ? ['/', '/', '/not-there'] : ['/'];
    const visits = hosts
      .slice(0, SITES_MAX)
      .flatMap((host) => paths.map((path) => fetchThroughEdge(host, edge, { signal, headers, path })));
    await Promise.allSettled(visits);
    signal.throwIfAborted();
  }
}
