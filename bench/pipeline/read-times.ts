import type { Database } from '@berth/shared/store/database';
import { percentile } from '../rows.ts';

/** Seconds of each site, from the database's own clock. */
export async function readTimes(
  db: Database,
  customers: readonly string[],
): Promise<{ orderToLive: number[]; activeToLive: number[] }> {
  const { rows } = await db.pool.query<{ order_to_live: number; active_to_live: number }>(
    `select extract(epoch from live_at - created_at)::float8 as order_to_live,
      extract(epoch from live_at - zone_active_at)::float8 as active_to_live
    from sites where key = any($1::text[]) and live_at is not null`,
    [customers],
  );
  return {
    orderToLive: rows.map((row) => row.order_to_live),
    activeToLive: rows.map((row) => row.active_to_live),
  };
}

/** What each step waits for: the latest of these must be true before it begins. */
const WAY: readonly { step: string; aspect: string; after: readonly string[] }[] = [
  { step: 'placement', aspect: 'placement', after: ['zone'] },
  { step: 'tunnel', aspect: 'tunnel', after: ['zone'] },
  { step: 'container', aspect: 'container', after: ['placement'] },
  { step: 'connector', aspect: 'connector', after: ['tunnel', 'placement'] },
  { step: 'route', aspect: 'route', after: ['container', 'connector'] },
  { step: 'proof', aspect: 'reachable', after: ['route'] },
];

/** Where the time goes: from the moment that all a step waits for was reached, until the step itself was. */
export async function readSteps(db: Database, customers: readonly string[]): Promise<{ step: string; p50: number }[]> {
  const { rows } = await db.pool.query<{ reached: Record<string, number> }>(
    `select json_object_agg(c.aspect, extract(epoch from c.reached_at)) as reached
    from site_conditions c join sites s on s.id = c.site_id where s.key = any($1::text[]) group by s.id`,
    [customers],
  );
  return WAY.map(({ step, aspect, after }) => ({
    step,
    p50: percentile(
      rows.map(
        ({ reached }) =>
          (reached[aspect] ?? Number.NaN) - Math.max(...after.map((name) => reached[name] ?? Number.NaN)),
      ),
      50,
    ),
  }));
}
