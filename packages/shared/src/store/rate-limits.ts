import { createHash } from 'node:crypto';
import type { Database, Statement } from './database.ts';

/** So much of something within so long. */
export interface RateLimit {
  /** what is counted: `sign-in-mail` */
  of: string;
  /** for whom: an address; kept as a hash */
  by: string;
  most: number;
  withinMs: number;
}

/** $1 key, $2 window in ms: one more, in a window that begins anew once the former one is over */
const count: Statement = {
  name: 'rate-limits-count',
  text: `insert into rate_limits as r (key, count) values ($1, 1)
  on conflict (key) do update set
    count = case when r.started_at <= now() - $2::float8 * interval '1 ms' then 1 else r.count + 1 end,
    started_at = case when r.started_at <= now() - $2::float8 * interval '1 ms' then now() else r.started_at end
  returning count, extract(epoch from started_at - now())::float8 * 1000 + $2::float8 as "leftMs"`,
};

const keyOf = ({ of, by }: RateLimit) => `${of}:${createHash('sha256').update(by).digest('base64url')}`;

/** Counts one more. @returns milliseconds to wait when it's too many; undefined when it's fine */
export async function countUp(db: Database, limit: RateLimit): Promise<number | undefined> {
  const [row] = await db.run<{ count: number; leftMs: number }>(count, [keyOf(limit), limit.withinMs]);
  return row && row.count > limit.most ? Math.max(1000, row.leftMs) : undefined;
}
