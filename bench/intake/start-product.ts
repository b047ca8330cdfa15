import { randomBytes } from 'node:crypto';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey } from '@berth/shared/store/api-keys';
import { openBenchDatabase } from '../bench-database.ts';
import { type BenchProcess, startBenchProcess } from '../bench-process.ts';

/** The API over a database of its own. */
export interface Product {
  url: string;
  headers: Record<string, string>;
  /** Waits until nothing is left that somebody must be told of. */
  untilTold(): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_MS = 100;
const WAIT_MS = 120_000;

/** @param tells with a notifier beside it, and an endpoint that wants to be told everything */
export async function startProduct(tells: boolean): Promise<Product> {
  const bench = await openBenchDatabase(2);
  const { key, prefix, hash } = makeApiKey(systemChance);
  const scopes = tells ? ['admin'] : ['orders:write'];
  await createApiKey(bench.db, { name: 'bench', prefix, hash, scopes, expiresAt: null });
  const settings = {
    DATABASE_URL: bench.url,
    BERTH_SECRETS_KEY: randomBytes(32).toString('base64'),
    WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8',
    LOG_LEVEL: 'info',
  };
  const api = await startBenchProcess('services/api/src/main.ts', { ...settings, API_PORT: '0' }, (line) =>
    line.includes('API listens') ? JSON.parse(line).url : undefined,
  );
  const headers = { authorization: `Bearer ${key}` };
  const beside: BenchProcess[] = tells ? await startNotifier(settings, api.ready, headers) : [];
  return {
    url: api.ready,
    headers,
    async untilTold() {
      const left = `select (select count(*) from deliveries where state = 'pending')
        + (select count(*) from site_events where noticed_at is null and (type <> 'condition.changed' or status = 'false')) as n`;
      const deadline = performance.now() + WAIT_MS;
      while (tells && Number((await bench.db.pool.query<{ n: string }>(left)).rows[0]?.n) > 0) {
        if (performance.now() > deadline) throw new Error('not everything was told');
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    },
    async stop() {
      await Promise.all([api, ...beside].map((process) => process.stop()));
      await bench.close();
    },
  };
}

async function startNotifier(
  settings: Record<string, string>,
  apiUrl: string,
  headers: Record<string, string>,
): Promise<BenchProcess[]> {
  const receiver = await startBenchProcess('bench/intake/receiver.ts', {}, (line) =>
    line.startsWith('http') ? line : undefined,
  );
  const notifier = await startBenchProcess('services/notifier/src/main.ts', settings, (line) =>
    line.includes('"msg":"started"') ? line : undefined,
  );
  const made = await fetch(`${apiUrl}/v1/webhooks`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${receiver.ready}/hooks` }),
  });
  if (made.status !== 201) throw new Error(`the endpoint was not made: ${await made.text()}`);
  return [notifier, receiver];
}
