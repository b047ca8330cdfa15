import { randomBytes } from 'node:crypto';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { type Context, openContext } from '@berth/shared/runtime/context';
import { silentLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { createApiKey } from '@berth/shared/store/api-keys';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import { parseApiConfig } from '../config.ts';
import { startApi } from '../start.ts';

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect
  body: any;
  text: string;
}

interface Ask {
  key?: string | null;
  body?: unknown;
  /** sent as it is, in place of JSON */
  raw?: string;
  headers?: Record<string, string>;
}

/** The API alone, over a database of its own. */
export interface TestApi {
  url: string;
  context: Context;
  /** a key that may do everything */
  admin: string;
  makeKey(...scopes: string[]): Promise<string>;
  /** Asks as `admin` unless another key (or null for none) is given. */
  ask(method: string, path: string, more?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts the API on a free port. @param settings beside what it needs */
export async function startTestApi(settings: Record<string, string> = {}): Promise<TestApi> {
  const database = await makeTestDatabase();
  const secretsKey = randomBytes(32).toString('base64');
  const environment = { DATABASE_URL: database.url, BERTH_SECRETS_KEY: secretsKey, API_PORT: '0', ...settings };
  const config = parseApiConfig(environment);
  const context = await openContext({
    databaseUrl: new Secret(database.url),
    secretsKey: new Secret(secretsKey),
    queue: config.BERTH_QUEUE,
    log: silentLog,
    maxConnections: 12,
  });
  const api = await startApi(config, context);
  const makeKey = async (...scopes: string[]) => {
    const { key, prefix, hash } = makeApiKey(systemChance);
    await createApiKey(context.db, { name: 'test', prefix, hash, scopes, expiresAt: null });
    return key;
  };
  const admin = await makeKey('admin');
  return {
    url: api.url,
    context,
    admin,
    makeKey,
    async ask(method, path, { key = admin, body, raw, headers = {} } = {}) {
      const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(api.url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(key !== null && { authorization: `Bearer ${key}` }),
          ...(sent !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(sent !== undefined && { body: sent }),
      });
      const text = await response.text();
      const json = response.headers.get('content-type')?.includes('json');
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : undefined, text };
    },
    async close() {
      await api.drain(1000);
      await context.close();
      await database.drop();
    },
  };
}

let made = 0;

/** A good order that no other test has posted, with `more` in place of its fields. */
export function anOrder(more: Record<string, unknown> = {}): Record<string, unknown> {
  made += 1;
  return {
    orderId: `order-${made}`,
    customer: { id: `customer_${made}`, name: 'Erika Mustermann', email: 'erika@example.org' },
    domain: `mustermann-${made}.de`,
    image: 'registry.example.org/site:1.4.2',
    licenseKey: `license-${made}`,
    ...more,
  };
}
