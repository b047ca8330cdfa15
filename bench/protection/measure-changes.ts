import { type Visit, visitEdge } from '@berth/simulators/testing/visit-edge';
import type { Pipeline } from '../pipeline/open-pipeline.ts';
import { percentile, type Row } from '../rows.ts';
import { countProtectionCalls } from './protection-calls.ts';

const ROUNDS = 10;
const CALLS_AT_MOST = 4;
const LOOK_MS = 5;
const WAIT_MS = 60_000;

/** What is wanted, and what the edge then answers a visitor who isn't meant. */
interface Change {
  name: string;
  wish: Record<string, unknown>;
  visit: Visit;
  status: number;
}

const changes: readonly Change[] = [
  { name: 'who may enter', wish: { access: { emails: ['a@example.org'] } }, visit: {}, status: 302 },
  {
    name: 'from where',
    wish: { ip: { block: ['203.0.113.0/24'] } },
    visit: { visitor: '203.0.113.9 DE' },
    status: 403,
  },
  { name: 'how often', wish: { rateLimit: { requests: 100 } }, visit: {}, status: 200 },
];

/** Protects one live site and opens it again, part by part; asks the edge each time. */
export async function measureChanges(world: Pipeline, say: (line: string) => void): Promise<Row[]> {
  say('one live site, protected and opened again');
  await world.order(['shop']);
  await world.untilPending(['shop']);
  await world.activate(['shop']);
  await world.untilLive(['shop']);
  const want = await makeWant(world);
  // The token of the account is made with its first site.
  await want(changes[0]?.wish ?? {});
  await want({});
  const rows: Row[] = [];
  for (const change of changes) rows.push(...(await measureOne(world, want, change)));
  return rows;
}

type Want = (wish: Record<string, unknown>) => Promise<{ ms: number; calls: number }>;

async function measureOne(world: Pipeline, want: Want, { name, wish, visit, status }: Change): Promise<Row[]> {
  const seen = async () => (await visitEdge(world.cloudflare, 'shop.de', visit)).status;
  const all: { ms: number; calls: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    all.push(await want(wish));
    if ((await seen()) !== status) throw new Error(`${name}: the edge answers ${await seen()}, not ${status}`);
    all.push(await want({}));
    if ((await seen()) !== 200) throw new Error(`${name}: the edge answers ${await seen()} of an open site`);
  }
  const calls = Math.max(...all.map((one) => one.calls));
  const times = all.map(({ ms }) => ms);
  return [
    {
      name: `${name}: calls of a change, at most`,
      value: calls,
      unit: 'calls',
      goal: `at most ${CALLS_AT_MOST}`,
      ok: calls > 0 && calls <= CALLS_AT_MOST,
    },
    { name: `${name}: from the request until in force, p50`, value: percentile(times, 50), unit: 'ms', ok: true },
    { name: `${name}: the same, p95`, value: percentile(times, 95), unit: 'ms', ok: true },
  ];
}

async function makeWant(world: Pipeline): Promise<Want> {
  const key = await world.makeKey();
  const address = `${world.url}/v1/sites/shop/protection`;
  const ask = async (method: string, more: { headers?: Record<string, string>; body?: string } = {}) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more.headers };
    const answer = await fetch(address, { ...more, method, headers });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${text}`);
    return JSON.parse(text) as { etag: string; inForce: boolean };
  };
  return async (wish) => {
    const { etag } = await ask('GET');
    await world.clearCalls();
    const from = performance.now();
    await ask('PUT', { headers: { 'if-match': etag }, body: JSON.stringify(wish) });
    while (!(await ask('GET')).inForce) {
      if (performance.now() - from > WAIT_MS) throw new Error(`not in force after ${WAIT_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    const ms = performance.now() - from;
    return { ms, calls: await countProtectionCalls(world) };
  };
}
