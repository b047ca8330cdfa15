import Docker from 'dockerode';
import { openPipeline, type Pipeline } from '../pipeline/open-pipeline.ts';

/** A fifth of an ordinary installation's, with all that belongs to it. */
const INTERVAL_MS = 12_000;
const SETTINGS = {
  CHECK_INTERVAL_SECONDS: String(INTERVAL_MS / 1000),
  HEALTH_TIMEOUT_SECONDS: '2',
  HEALTH_START_SECONDS: '2',
};
const TIMES = 5;
const HANGING = 6;
/** So many that those which hang are no third of the host, which would be a fault of its own. */
const SITES = 24;

/** How long it takes until what was killed, or hangs, is well again: all services, over the simulators. */
export interface RepairTimes {
  /** from the kill to the first answer, in ms */
  killed: number[];
  /** from the hang to the restart, in intervals */
  hung: number[];
}

export async function measureRepair(say: (line: string) => void): Promise<RepairTimes> {
  const world = await openPipeline(SETTINGS);
  try {
    const ids = Array.from({ length: SITES }, (_, index) => `repair${index}`);
    await world.order(ids);
    await world.untilPending(ids);
    await world.activate(ids);
    await world.untilLive(ids);
    await untilLooked(world, ids.length);
    say(`killing a container, ${TIMES} times`);
    const killed: number[] = [];
    for (let time = 0; time < TIMES; time += 1) killed.push(await killOnce(world, 'repair0'));
    say(`letting ${HANGING} containers hang, each at another moment of an interval`);
    await untilSwept(world);
    const hung = await Promise.all(ids.slice(1, HANGING + 1).map((id, index) => hangOnce(world, id, index)));
    return { killed, hung };
  } finally {
    await world.close();
  }
}

/** Each kill is the first one: what was learnt from the one before is forgotten. */
async function killOnce(world: Pipeline, key: string): Promise<number> {
  const { rows } = await world.db.pool.query<{ port: number }>(
    `update site_health h set step = 0, restart_after = null, restarts = '[]' from sites s, placements p
    where s.id = h.site_id and p.id = h.placement_id and s.key = $1 returning p.port`,
    [key],
  );
  const docker = new Docker({ socketPath: world.docker.socketPath });
  await docker.getContainer(`customer-${key}`).kill();
  const from = performance.now();
  await until(
    async () => (await fetch(`http://127.0.0.1:${rows[0]?.port}/health`).catch(() => undefined))?.ok === true,
  );
  const ms = performance.now() - from;
  await until(async () => {
    const open = await world.db.pool.query(
      `select from site_conditions c join sites s on s.id = c.site_id where s.key = $1 and c.aspect = 'container' and c.status = 'true'`,
      [key],
    );
    return open.rows.length > 0;
  });
  return ms;
}

/** @returns intervals from the hang to the restart that is wanted */
async function hangOnce(world: Pipeline, key: string, phase: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, (phase * INTERVAL_MS) / HANGING));
  world.docker.control.hangContainer(`customer-${key}`);
  const from = performance.now();
  await until(async () => {
    const { rows } = await world.db.pool.query('select from sites where key = $1 and container_restart > 0', [key]);
    return rows.length > 0;
  });
  return (performance.now() - from) / INTERVAL_MS;
}

/** Until a sweep has just ended: what hangs then is found last. */
async function untilSwept(world: Pipeline): Promise<void> {
  const read = async () =>
    (
      await world.db.pool.query<{ sweeps: string; done: boolean }>(
        `select sweeps, lease_until is null as done from health_sweeps where kind = 'host'`,
      )
    ).rows[0];
  const before = await read();
  await until(async () => {
    const now = await read();
    return now?.done === true && now.sweeps !== before?.sweeps;
  });
}

function untilLooked(world: Pipeline, count: number): Promise<void> {
  return until(async () => {
    const { rows } = await world.db.pool.query(
      `select from site_health where outcome = 'healthy' and aspect <> 'edge'`,
    );
    return rows.length === 2 * count;
  });
}

async function until(look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error('waited for too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
