import { createApiKey } from '@berth/shared/store/api-keys';
import autocannon from 'autocannon';
import { openBenchDatabase } from './bench-database.ts';
import { startBenchProcess } from './bench-process.ts';
import { startProduct } from './intake/start-product.ts';
import type { Benchmark, Row } from './rows.ts';

const CONNECTIONS = [1, 32];
const SECONDS = 5;
const ROUNDS = 3;
const LEAST = 0.7;

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

/** Orders taken by the API, beside a bare Express route that writes the same rows and adds the same job, in turns. */
export const intake: Benchmark = {
  name: 'intake',
  about:
    'orders per second, beside a bare Express + pg + BullMQ route that writes the same rows; and beside a notifier',
  async measure(say) {
    const [product, bare] = [await startProduct(false), await startBare()];
    try {
      const rows: Row[] = [];
      for (const connections of CONNECTIONS) {
        const runs: { ours: Measured; theirs: Measured }[] = [];
        await load(product, connections, 2);
        await load(bare, connections, 2);
        for (let round = 1; round <= ROUNDS; round += 1) {
          say(`${connections} connection${connections === 1 ? '' : 's'}, round ${round} of ${ROUNDS}`);
          runs.push({
            ours: await load(product, connections, SECONDS),
            theirs: await load(bare, connections, SECONDS),
          });
        }
        rows.push(...toRows(`${connections} connection${connections === 1 ? '' : 's'}`, runs));
      }
      return [...rows, ...(await measureTold(say, product))];
    } finally {
      await Promise.all([product.stop(), bare.stop()]);
    }
  },
};

/** The same API over one connection with a notifier beside it that tells an endpoint of each order, beside one without, in turns. */
async function measureTold(say: (line: string) => void, product: Target): Promise<Row[]> {
  const telling = await startProduct(true);
  try {
    const runs: { ours: Measured; theirs: Measured }[] = [];
    await load(telling, 1, 2);
    for (let round = 1; round <= ROUNDS; round += 1) {
      say(`1 connection beside a notifier, round ${round} of ${ROUNDS}`);
      await telling.untilTold();
      const theirs = await load(product, 1, SECONDS);
      runs.push({ ours: await load(telling, 1, SECONDS), theirs });
    }
    return toRows('1 connection, beside a notifier (baseline: without)', runs);
  } finally {
    await telling.stop();
  }
}

/** Takes orders. */
interface Target {
  url: string;
  headers: Record<string, string>;
  stop(): Promise<void>;
}

async function startBare(): Promise<Target> {
  const bench = await openBenchDatabase(2);
  const id = await createApiKey(bench.db, { name: 'bench', prefix: 'x', hash: 'x', scopes: [], expiresAt: null });
  const route = await startBenchProcess(
    'bench/intake/bare-route.ts',
    { DATABASE_URL: bench.url, API_KEY_ID: id },
    (line) => (line.startsWith('http') ? line : undefined),
  );
  return { url: route.ready, headers: {}, stop: () => route.stop().then(() => bench.close()) };
}

let made = 0;

async function load(target: Target, connections: number, duration: number): Promise<Measured> {
  const result = await autocannon({
    url: `${target.url}/v1/orders`,
    connections,
    duration,
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          made += 1;
          return {
            ...request,
            headers: { ...target.headers, 'content-type': 'application/json', 'idempotency-key': `bench-${made}` },
            body: JSON.stringify({
              orderId: `bench-${made}`,
              customer: { id: `bench_${made}`, name: 'Erika Mustermann', email: 'erika@example.org' },
              domain: `bench-${made}.de`,
              image: 'registry.example.org/site:1.4.2',
              licenseKey: `license-of-${made}`,
            }),
          };
        },
      },
    ],
  });
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} orders were not taken`);
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

/** The middle of the rounds, by the ratio of each round's pair: a slow moment meets both alike. */
function toRows(name: string, runs: readonly { ours: Measured; theirs: Measured }[]): Row[] {
  const ratioOf = ({ ours, theirs }: { ours: Measured; theirs: Measured }) => ours.perSecond / theirs.perSecond;
  const middle = [...runs].sort((a, b) => ratioOf(a) - ratioOf(b))[Math.floor(runs.length / 2)];
  if (!middle) throw new Error('nothing was measured');
  const { ours, theirs } = middle;
  const ratio = ratioOf(middle);
  return [
    {
      name: `${name}: orders`,
      value: ours.perSecond,
      unit: '/s',
      baseline: theirs.perSecond,
      ratio,
      goal: `at least ${LEAST} ×`,
      ok: ratio >= LEAST,
    },
    { name: `${name}: p50`, value: ours.p50, unit: 'ms', baseline: theirs.p50, ok: true },
    { name: `${name}: p99`, value: ours.p99, unit: 'ms', baseline: theirs.p99, ok: true },
  ];
}
