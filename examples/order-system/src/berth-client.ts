import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '@berth/contract/operation';
import type { OrderAccepted } from '@berth/contract/order';
import type { SiteDetail, SiteEvent, SiteSummary } from '@berth/contract/site';
import { readEventStream } from './event-stream.ts';
import { type Connection, Refused, send } from './send.ts';

/** One order, as `POST /v1/orders` takes it. */
export interface Order {
  orderId: string;
  customer: { id: string; name: string; email: string };
  domain: string;
  image: string;
  licenseKey: string;
  environment?: 'production' | 'staging';
}

/** All that an order system needs of Berth, over HTTP and nothing else. */
export interface BerthClient {
  /**
   * Posts an order. The order's own id is its Idempotency-Key, so that it may be posted again at any time, also by a process that
   * doesn't know what its predecessor did.
   * @returns what Berth answered, and whether it had answered this order before
   */
  placeOrder(order: Order): Promise<{ accepted: OrderAccepted; repeated: boolean }>;
  /** How far an operation is; waits up to `waitSeconds` (at most 20) until it is done. */
  getOperation(id: string, waitSeconds?: number): Promise<Operation>;
  getSite(key: string): Promise<SiteDetail>;
  /** All sites that aren't gone, page by page. */
  listSites(): AsyncGenerator<SiteSummary>;
  /** What happened to a site so far. */
  listEvents(key: string): AsyncGenerator<SiteEvent>;
  /** What happened to a site and what happens from now on: each event once and in order, whatever becomes of the connection. */
  followSite(key: string, signal?: AbortSignal): AsyncGenerator<SiteEvent>;
}

const RECONNECT_MS = 1000;

/** Makes a client; all its methods throw `Refused` when Berth says no. */
export function makeBerthClient(connection: Connection): BerthClient {
  const get = <T>(path: string) =>
    send<T>(connection, { method: 'GET', path, read: async (response) => (await response.json()) as T });
  async function* pages<T>(path: string): AsyncGenerator<T> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: { data: T[]; nextCursor: string | null } = await get(`${path}?limit=200${query}`);
      yield* page.data;
      cursor = page.nextCursor;
    }
  }

  return {
    placeOrder: (order) =>
      send(connection, {
        method: 'POST',
        path: '/v1/orders',
        body: order,
        headers: { 'idempotency-key': `order-${order.orderId}` },
        read: async (response) => ({
          accepted: (await response.json()) as OrderAccepted,
          repeated: response.headers.get('idempotent-replayed') === 'true',
        }),
      }),
    getOperation: (id, waitSeconds = 0) => get(`/v1/operations/${encodeURIComponent(id)}?wait=${waitSeconds}`),
    getSite: (key) => get(`/v1/sites/${encodeURIComponent(key)}`),
    listSites: () => pages('/v1/sites'),
    listEvents: (key) => pages(`/v1/sites/${encodeURIComponent(key)}/events`),
    followSite: (key, signal) => followSite(connection, key, signal),
  };
}

/** A connection may end at any time; the next one begins after the last event that was read. */
async function* followSite(connection: Connection, key: string, signal?: AbortSignal): AsyncGenerator<SiteEvent> {
  const ends = [connection.signal, signal].filter((end) => end !== undefined);
  const stop = AbortSignal.any(ends);
  let last = '0';
  for (;;) {
    try {
      const body = await openEvents({ ...connection, signal: stop }, key, last);
      for await (const event of readEventStream(body)) {
        last = event.id ?? last;
        yield JSON.parse(event.data) as SiteEvent;
      }
    } catch (error) {
      stop.throwIfAborted();
      if (error instanceof Refused) throw error;
    }
    await delay(RECONNECT_MS, undefined, { signal: stop });
  }
}

function openEvents(connection: Connection, key: string, last: string): Promise<ReadableStream<Uint8Array>> {
  return send(connection, {
    method: 'GET',
    path: `/v1/sites/${encodeURIComponent(key)}/events`,
    headers: { accept: 'text/event-stream', 'last-event-id': last },
    timeoutMs: undefined,
    read: async (response) => response.body ?? Promise.reject(new Error('an answer without a body')),
  });
}
