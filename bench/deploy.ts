import { type BenchHost, openBenchHost } from './deploy/bench-host.ts';
import { makePlainDocker, type PlainDocker } from './deploy/plain-docker.ts';
import { type Benchmark, percentile, type Row } from './rows.ts';

const IMAGE = 'berth-test/site:1';
/** Without a handler for SIGTERM, as a shell, Node or httpd as process 1; and one that ignores it. */
const STUBBORN = ['berth-test/handlerless:1', 'berth-test/stubborn:1'] as const;
const ROUNDS = 15;
const SITES = 20;
const AT_ONCE = [4, 8, 20];
const SITE_ROUNDS = 5;
const REDEPLOYS = 3;

/** The product's own reconciler on a real Engine, in turns with the same by hand. */
export const deploy: Benchmark = {
  name: 'deploy',
  about:
    'a container from wanted to healthy on real Docker, beside docker network create and docker run with the same options',
  needs: 'engine',
  async measure(say) {
    const host = await openBenchHost(STUBBORN);
    try {
      const plain = makePlainDocker(host.engine);
      return [await oneAtATime(host, plain, say), await many(host, plain, say), ...(await redeploys(host, plain, say))];
    } finally {
      await host.stop();
    }
  },
};

type Say = (line: string) => void;

async function oneAtATime(host: BenchHost, plain: PlainDocker, say: Say): Promise<Row> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const site = await host.order(IMAGE);
    const measureOurs = async () => (await host.create([site]))[0] ?? Number.NaN;
    const measureTheirs = () => plain.create(IMAGE);
    // In turns, and who begins changes too; the first round warms up.
    const first = round % 2 === 0 ? await measureOurs() : await measureTheirs();
    const second = round % 2 === 0 ? await measureTheirs() : await measureOurs();
    const [us, them] = round % 2 === 0 ? [first, second] : [second, first];
    if (round > 0) {
      ours.push(us);
      theirs.push(them);
    }
    say(`one at a time, round ${round} of ${ROUNDS}: ${Math.round(us)} ms, docker run ${Math.round(them)} ms`);
    await host.clear();
  }
  return row(
    'one at a time: p50',
    percentile(ours, 50),
    percentile(theirs, 50),
    'at most 1.1 ×',
    (ratio) => ratio <= 1.1,
  );
}

async function many(host: BenchHost, plain: PlainDocker, say: Say): Promise<Row> {
  const ours: number[] = [];
  const theirs = new Map<number, number[]>(AT_ONCE.map((atOnce) => [atOnce, []]));
  for (let round = 1; round <= SITE_ROUNDS; round += 1) {
    const sites = [];
    for (let n = 0; n < SITES; n += 1) sites.push(await host.order(IMAGE));
    const took = Math.max(...(await host.create(sites)));
    ours.push(took);
    await host.clear();
    for (const [atOnce, times] of theirs) {
      times.push(await plain.createAll(IMAGE, SITES, atOnce));
      await host.clear();
    }
    const plainly = [...theirs].map(([atOnce, times]) => `${Math.round(times.at(-1) ?? 0)} ms by ${atOnce}`).join(', ');
    say(`${SITES} sites, round ${round} of ${SITE_ROUNDS}: ${Math.round(took)} ms, docker run ${plainly}`);
  }
  const best = Math.min(...[...theirs.values()].map((times) => percentile(times, 50)));
  return row(
    `${SITES} at once: all healthy`,
    percentile(ours, 50),
    best,
    'at most 1.0 × its best',
    (ratio) => ratio <= 1,
  );
}

async function redeploys(host: BenchHost, plain: PlainDocker, say: Say): Promise<Row[]> {
  const rows: Row[] = [];
  for (const image of STUBBORN) {
    const reference = host.registry.referenceOf(image);
    const site = await host.order(reference);
    await host.create([site]);
    await plain.redeploy('customer_123', 11_000, image);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 1; round <= REDEPLOYS; round += 1) {
      ours.push(await host.deploy(site, reference));
      theirs.push(await plain.redeploy('customer_123', 11_000, image));
      say(
        `redeploy of ${image}: ${Math.round(ours.at(-1) ?? 0)} ms, the seed's script ${Math.round(theirs.at(-1) ?? 0)} ms`,
      );
    }
    await host.clear();
    const what = image.includes('handlerless') ? 'has no handler for SIGTERM' : 'ignores SIGTERM';
    const faster = 3;
    rows.push(
      row(
        `redeploy, image ${what}`,
        percentile(ours, 50),
        percentile(theirs, 50),
        `${faster} × faster`,
        (ratio) => ratio <= 1 / faster,
      ),
    );
  }
  return rows;
}

function row(name: string, value: number, baseline: number, goal: string, isMet: (ratio: number) => boolean): Row {
  const ratio = value / baseline;
  return { name, value, unit: 'ms', baseline, ratio, goal, ok: isMet(ratio) };
}
