import type { Database } from '@berth/shared/store/database';
import { registerHost } from '@berth/shared/store/hosts';
import { makePlacer, type Placing } from '@berth/shared/store/place-sites';
import { makeConditions } from '@berth/shared/testing/condition-rows';
import type { PoolClient } from 'pg';
import { openBenchDatabase } from './bench-database.ts';
import type { Benchmark, Row } from './rows.ts';

const COUNT = 900;

/** 900 placements at once on one host, beside the plain way: the row locked without skipping, in a transaction. */
export const ports: Benchmark = {
  name: 'ports',
  about: `${COUNT} placements at once on one host`,
  async measure(say) {
    const bench = await openBenchDatabase();
    try {
      say('placing as the product does');
      const ours = await measureOnce(bench.db, 'bench-a', placing(makePlacer(bench.db)));
      await bench.db.pool.query("update hosts set state = 'draining'");
      say('placing by locking the lowest row and waiting for it');
      const plain = await measureOnce(bench.db, 'bench-b', (siteId) => placedByWaiting(bench.db, siteId));
      const rows: Row[] = [
        {
          name: 'different ports given',
          value: ours.ports,
          unit: 'ports',
          baseline: plain.ports,
          goal: `${COUNT}`,
          ok: ours.ports === COUNT,
        },
        {
          name: 'failures',
          value: ours.failures,
          unit: 'failures',
          baseline: plain.failures,
          goal: '0',
          ok: ours.failures === 0,
        },
        {
          name: `${COUNT} at once`,
          value: ours.ms,
          unit: 'ms',
          baseline: plain.ms,
          ratio: ours.ms / plain.ms,
          goal: 'within 1000 ms',
          ok: ours.ms <= 1000,
        },
      ];
      return rows;
    } finally {
      await bench.close();
    }
  },
};

async function measureOnce(db: Database, hostId: string, place: (siteId: string) => Promise<number>) {
  await registerHost(db, {
    id: hostId,
    customerPorts: { start: 3100, end: 3999 },
    memoryBytes: 1e12,
    cpus: 16,
    labels: {},
    versions: {},
  });
  const sites = await makeConditions(db, { count: COUNT, aspect: 'placement' });
  await db.pool.query('analyze');
  await Promise.all(Array.from({ length: 32 }, () => db.pool.query('select pg_sleep(0.05)')));
  const from = performance.now();
  const results = await Promise.allSettled(sites.map(({ siteId }) => place(siteId)));
  const ms = performance.now() - from;
  const given = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return { ms, ports: new Set(given).size, failures: results.length - given.length };
}

function placing(place: (siteId: string) => Promise<Placing>) {
  return async (siteId: string): Promise<number> => {
    const answer = await place(siteId);
    if (answer.kind !== 'placed') throw new Error(answer.kind);
    return answer.placement.port;
  };
}

/** The same rows written by a transaction that waits for the lowest free row, and looks again when another got it. */
async function placedByWaiting(db: Database, siteId: string): Promise<number> {
  for (;;) {
    const port = await db.transaction((client) => tryToPlace(client, siteId));
    if (port !== undefined) return port;
  }
}

async function tryToPlace(client: PoolClient, siteId: string): Promise<number | undefined> {
  const { rows } = await client.query(
    `select host_id, port, slot from port_allocations where pool = 'customer' and host_id = 'bench-b' and placement_id is null
    order by port limit 1 for update`,
  );
  const [row] = rows;
  if (!row) return undefined;
  const made = await client.query(
    'insert into placements (site_id, host_id, port, slot) values ($1, $2, $3, $4) returning id',
    [siteId, row.host_id, row.port, row.slot],
  );
  const { id } = made.rows[0];
  await client.query('update port_allocations set placement_id = $1 where host_id = $2 and port = $3', [
    id,
    row.host_id,
    row.port,
  ]);
  await client.query(
    `insert into site_conditions (site_id, placement_id, aspect, queue)
    values ($1, $2, 'container', 'container-bench-b'), ($1, $2, 'connector', 'connector-bench-b')`,
    [siteId, id],
  );
  return row.port;
}
