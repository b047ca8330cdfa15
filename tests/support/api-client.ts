import type { Operation } from '@berth/contract/operation';
import type { SiteDetail } from '@berth/contract/site';
import { until } from './until.ts';

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  body: any;
  text: string;
}

interface Ask {
  body?: unknown;
  /** sent as it is, in place of JSON */
  raw?: string;
  headers?: Record<string, string>;
}

/** Speaks to the API as the order system and operators do. */
export interface ApiClient {
  url: string;
  key: string;
  ask(method: string, path: string, more?: Ask): Promise<Answer>;
  /** Posts an order, with an Idempotency-Key of its own id. */
  order(order: TestOrder): Promise<Answer>;
  /** Waits until the site is in this state. */
  untilState(site: string, state: SiteDetail['state']): Promise<SiteDetail>;
  /** Waits until an operation is done. */
  untilDone(operationUrl: string): Promise<Operation>;
}

/** The body of an order, as far as a test says it. */
export interface TestOrder {
  orderId: string;
  domain: string;
  customer?: { id: string; name?: string; email?: string };
  [field: string]: unknown;
}

/** A whole order around what a test says of it. */
export function wholeOrder({ customer, ...order }: TestOrder): Record<string, unknown> {
  return {
    image: 'berth-demo/site:1',
    licenseKey: `license-of-${order.orderId}`,
    customer: { id: `customer_${order.orderId}`, name: 'Erika Mustermann', email: 'erika@example.org', ...customer },
    ...order,
  };
}

export function makeApiClient(url: string, key: string): ApiClient {
  async function ask(method: string, path: string, { body, raw, headers = {} }: Ask = {}): Promise<Answer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined, text };
  }
  return {
    url,
    key,
    ask,
    order: (order) =>
      ask('POST', '/v1/orders', { body: wholeOrder(order), headers: { 'idempotency-key': order.orderId } }),
    untilState: (site, state) =>
      until(`site ${site} is ${state}`, async () => {
        const { status, body } = await ask('GET', `/v1/sites/${site}`);
        return status === 200 && body.state === state && body;
      }),
    untilDone: (operationUrl) =>
      until(`${operationUrl} is done`, async () => {
        const { body } = await ask('GET', `${operationUrl}?wait=5`);
        return body.done && body;
      }),
  };
}
