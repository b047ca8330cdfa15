import { openPipeline, type Pipeline } from './pipeline/open-pipeline.ts';
import { readSteps, readTimes } from './pipeline/read-times.ts';
import type { Benchmark, Row } from './rows.ts';
import { percentile } from './rows.ts';

const COUNT = 200;
const ALONE = 10;
const CALLS_AT_MOST = 8;
const ALONE_P50_SECONDS = 5;

/** From the post to the live site, over the simulators: all services in one process, Cloudflare, Docker and systemd in another. */
export const pipeline: Benchmark = {
  name: 'pipeline',
  about: `${COUNT} orders whose zones turn active at once, and one order alone (simulators, profile enterprise)`,
  async measure(say) {
    const world = await openPipeline();
    try {
      const many = await measureMany(world, say);
      say(`one order alone, ${ALONE} times`);
      const alone = await measureAlone(world);
      return [...many, ...alone];
    } finally {
      await world.close();
    }
  },
};

async function measureMany(world: Pipeline, say: (line: string) => void): Promise<Row[]> {
  const ids = Array.from({ length: COUNT }, (_, index) => `many${index}`);
  say(`posting ${COUNT} orders`);
  await world.clearCalls();
  await world.order(ids);
  await world.untilPending(ids);
  say('all zones turn active');
  const from = performance.now();
  await world.activate(ids);
  await world.untilLive(ids);
  const seconds = (performance.now() - from) / 1000;
  const kinds = Object.entries(await world.countCalls()).sort(([, a], [, b]) => b - a);
  const calls = kinds.reduce((sum, [, count]) => sum + count, 0) / COUNT;
  const times = await readTimes(world.db, ids);
  const steps = await readSteps(world.db, ids);
  return [
    inSeconds('order to live, p50', percentile(times.orderToLive, 50)),
    inSeconds('order to live, p95', percentile(times.orderToLive, 95)),
    inSeconds('zone seen active to live, p50', percentile(times.activeToLive, 50)),
    inSeconds('zone seen active to live, p95', percentile(times.activeToLive, 95)),
    { name: 'sites live', value: (COUNT / seconds) * 60, unit: '/min', ok: true },
    {
      name: 'Cloudflare calls per order',
      value: calls,
      unit: 'calls',
      goal: `at most ${CALLS_AT_MOST}`,
      ok: calls <= CALLS_AT_MOST,
    },
    ...kinds.map(([kind, count]) => ({ name: `  of it ${kind}`, value: count / COUNT, unit: 'calls', ok: true })),
    ...steps.map(({ step, p50 }) => inSeconds(`active to live, of it ${step}, p50`, p50)),
  ];
}

async function measureAlone(world: Pipeline): Promise<Row[]> {
  const ids = Array.from({ length: ALONE }, (_, index) => `alone${index}`);
  for (const id of ids) {
    await world.order([id]);
    await world.untilPending([id]);
    await world.activate([id]);
    await world.untilLive([id]);
  }
  const { activeToLive } = await readTimes(world.db, ids);
  const p50 = percentile(activeToLive, 50);
  const steps = await readSteps(world.db, ids);
  return [
    {
      name: 'alone: zone seen active to live, p50',
      value: p50,
      unit: 's',
      goal: `under ${ALONE_P50_SECONDS} s`,
      ok: p50 < ALONE_P50_SECONDS,
    },
    inSeconds('alone: the same, p95', percentile(activeToLive, 95)),
    ...steps.map(({ step, p50: of }) => inSeconds(`  of it ${step}, p50`, of)),
  ];
}

function inSeconds(name: string, value: number): Row {
  return { name, value, unit: 's', ok: Number.isFinite(value) };
}
