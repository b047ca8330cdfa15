import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import type { ReadEvent } from './read-events.ts';

/** A place among the events of all sites: everything after it comes next. */
export interface FleetPosition {
  /** the transaction that wrote it, as digits: it needs 64 bits */
  xact: string;
  siteId: string;
  seq: number;
}

/** Where somebody begins to follow. */
export interface FleetStart {
  position: FleetPosition;
  /** the snapshot of that moment: what is visible in it had happened, also behind a transaction that was still under way */
  seen?: string;
}

/** An event, with whose it is and its place. */
export type FleetEvent = ReadEvent & { site: string; position: FleetPosition };

/**
 * $1 transaction, $2 site and $3 number after which, $4 how many, $5 of customers with this address; null: of all, $6 a snapshot in
 * which it must not be visible; null: none. What a transaction wrote that is younger than the oldest one under way is left for later:
 * something may still appear before it.
 */
const list: Statement = {
  name: 'fleet-events-list',
  text: `select s.key as site, e.seq::float8 as seq, e.type, e.aspect, e.status, e.reason, e.message, e.data, ${iso('e.created_at')} as at,
    json_build_object('xact', e.xact::text, 'siteId', e.site_id, 'seq', e.seq) as position
  from site_events e join sites s on s.id = e.site_id
  where (e.xact, e.site_id, e.seq) > ($1::text::xid8, $2::uuid, $3::bigint)
    and e.xact < pg_snapshot_xmin(pg_current_snapshot())
    and ($6::text is null or not pg_visible_in_snapshot(e.xact, $6::pg_snapshot))
    and ($5::text is null or s.customer_id in (select id from customers where lower(email) = $5 and email <> ''))
  order by e.xact, e.site_id, e.seq limit $4`,
};

const now: Statement = {
  name: 'fleet-events-now',
  text: 'select pg_snapshot_xmin(pg_current_snapshot())::text as xact, pg_current_snapshot()::text as seen',
};

/** Before the first event of any site in any transaction. */
const FIRST_SITE = '00000000-0000-0000-0000-000000000000';

/** Before all events that are known. */
export const fleetBeginning: FleetPosition = { xact: '0', siteId: FIRST_SITE, seq: 0 };

/** The place after all that has happened, and before all that hasn't. */
export async function fleetNow(db: Database): Promise<Required<FleetStart>> {
  const [row] = await db.run<{ xact: string; seen: string }>(now, []);
  if (!row) throw new Error('the database told no snapshot');
  return { position: { ...fleetBeginning, xact: row.xact }, seen: row.seen };
}

/** Events of all sites (or of a customer's with the address `owner`) after a place, in the order in which they can be read without missing any. */
export async function listFleetEvents(
  db: Database,
  { xact, siteId, seq }: FleetPosition,
  { limit, owner, seen }: { limit: number; owner?: string | undefined; seen?: string | undefined },
): Promise<FleetEvent[]> {
  return db.run<FleetEvent>(list, [xact, siteId, seq, limit, owner?.toLowerCase() ?? null, seen ?? null]);
}
