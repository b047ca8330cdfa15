import type { Clock } from '@berth/shared/runtime/clock';
import type { Metrics } from '@berth/shared/runtime/metrics';
import { traced } from '@berth/shared/runtime/tracing';

type Fetch = (url: Parameters<typeof fetch>[0], init?: RequestInit) => Promise<Response>;

/** Zones and accounts have hexadecimal ids, tunnels UUIDs; anything of that length is taken for one. */
const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A request as the description of Cloudflare's API names it: `GET /zones/:id/dns_records`. */
export function toCallName(method: string, url: string): string {
  const path = new URL(url).pathname.replace(/^\/client\/v4/, '');
  const parts = path.split('/').map((part) => (ID.test(part) ? ':id' : part));
  return `${method.toUpperCase()} ${parts.join('/')}`;
}

/** Times each request until its body is there, by what was asked and how it ended; a span of its own where traces are wanted. */
export function measureFetch(fetch: Fetch, clock: Clock, metrics: Pick<Metrics, 'cloudflareCalls'>): Fetch {
  return async (url, init) => {
    const call = toCallName(init?.method ?? 'GET', url instanceof Request ? url.url : String(url));
    const startedMs = clock.monotonicMs();
    const end = (outcome: string) =>
      metrics.cloudflareCalls.observe({ call, outcome }, (clock.monotonicMs() - startedMs) / 1000);
    try {
      const response = await traced(call, null, {}, () => fetch(url, init));
      end(response.ok ? 'ok' : String(response.status));
      return response;
    } catch (error) {
      end('no-answer');
      throw error;
    }
  };
}
