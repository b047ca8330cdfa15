import type { Database, Statement } from './database.ts';

/** A message to one place, to be stored. */
export interface NewDelivery {
  /** what is told: the same at each place, unique there */
  messageId: string;
  kind: string;
  channel: string;
  target: string;
  siteId: string | null;
  payload: Readonly<Record<string, unknown>>;
}

/** A delivery that this process holds by a lease. */
export interface ClaimedDelivery {
  id: string;
  messageId: string;
  kind: string;
  channel: string;
  target: string;
  payload: Record<string, unknown>;
  /** this one included */
  tries: number;
  leaseNo: string;
  /** whose it is, for the log; null where it is about no single site */
  siteKey: string | null;
  orderId: string | null;
}

/** How a try ended. */
export type DeliveryEnd =
  | { state: 'delivered'; code: number | null }
  | { state: 'pending'; code: number | null; error: string; againMs: number }
  | { state: 'failed' | 'canceled'; code: number | null; error: string };

/** Something that runs a statement within the caller's transaction. */
interface Client {
  query(query: { name: string; text: string; values: unknown[] }): Promise<{ rowCount: number | null }>;
}

const insert: Statement = {
  name: 'deliveries-insert',
  text: `insert into deliveries (message_id, kind, channel, target, site_id, payload)
  select d."messageId", d.kind, d.channel, d.target, d."siteId", d.payload
  from jsonb_to_recordset($1::jsonb)
    as d ("messageId" text, kind text, channel text, target text, "siteId" uuid, payload jsonb)
  on conflict (message_id, channel, target) do nothing`,
};

const PLACE = `(channel || ' ' || target)`;
const isDue = (d: string) =>
  `${d}.state = 'pending' and ${d}.due_at <= now() and (${d}.lease_until is null or ${d}.lease_until <= now())`;
/** Looked at in one go: those of places that are busy aren't among them, so nobody is starved. */
const LOOKED_AT = 500;

/**
 * $1 owner, $2 lease in ms, $3 how many at most, $4 places that take no more for now, $5 how many more those take that are at something
 * (JSON, by place), $6 how many all others do (JSON, by channel).
 */
const claim: Statement = {
  name: 'deliveries-claim',
  text: `with looked as (
    select id, channel, ${PLACE} as place, due_at, created_at from deliveries p where ${isDue('p')} and not ${PLACE} = any($4::text[])
    order by due_at limit ${LOOKED_AT}
  ), firsts as (
    select id, due_at, coalesce(($5::jsonb ->> place)::int, ($6::jsonb ->> channel)::int, 1) as room,
      row_number() over (partition by place order by due_at, created_at, id) as nth from looked
  ), mine as (
    select d.id from deliveries d join firsts f on f.id = d.id where f.nth <= f.room and ${isDue('d')}
    order by f.due_at limit $3 for update of d skip locked
  )
  update deliveries d set lease_owner = $1, lease_until = now() + $2::float8 * interval '1 ms', lease_no = d.lease_no + 1,
    tries = d.tries + 1, attempted_at = now()
  from mine where d.id = mine.id
  returning d.id, d.message_id as "messageId", d.kind, d.channel, d.target, d.payload, d.tries, d.lease_no as "leaseNo",
    (select s.key from sites s where s.id = d.site_id) as "siteKey",
    (select o.external_id from sites s join orders o on o.id = s.order_id where s.id = d.site_id) as "orderId"`,
};

/**
 * $1 horizon in ms, $2 places that take no more for now. Only the first are looked at: behind so many that wait for a busy place others
 * are found when one of those ends, or at the next look.
 */
const nextDue: Statement = {
  name: 'deliveries-next-due',
  text: `select extract(epoch from greatest(due_at, lease_until) - now())::float8 * 1000 as ms from (
    select due_at, lease_until, ${PLACE} as place from deliveries where state = 'pending' and due_at <= now() + $1::float8 * interval '1 ms'
      and (lease_until is null or lease_until <= now())
    order by due_at limit ${LOOKED_AT}
  ) as first where not place = any($2::text[]) order by due_at limit 1`,
};

/**
 * $1 id, $2 lease number, $3 state, $4 code, $5 error, $6 ms until the next try. That it was taken is written whoever holds the lease by
 * now, anything else only by the holder; what was canceled meanwhile stays so, unless it was taken.
 */
const record: Statement = {
  name: 'deliveries-record',
  text: `update deliveries set answer_code = $4, error = $5, lease_owner = null, lease_until = null,
    state = case when state = 'canceled' and $3 <> 'delivered' then state else $3 end,
    due_at = case when $3 = 'pending' then now() + $6::float8 * interval '1 ms' else due_at end,
    finished_at = case when $3 <> 'pending' or state = 'canceled' then now() end
  where id = $1 and state in ('pending', 'canceled') and (lease_no = $2 or $3 = 'delivered') returning id`,
};

/** $1 id, $2 lease number. The try was none. */
const release: Statement = {
  name: 'deliveries-release',
  text: `update deliveries set lease_owner = null, lease_until = null, tries = tries - 1
  where id = $1 and state = 'pending' and lease_no = $2`,
};

/** Stores deliveries within the caller's transaction; those that were made before stay as they are. @returns how many are new */
export async function insertDeliveries(client: Client, deliveries: readonly NewDelivery[]): Promise<number> {
  if (deliveries.length === 0) return 0;
  return (await client.query({ ...insert, values: [JSON.stringify(deliveries)] })).rowCount ?? 0;
}

/** How much more may be under way. Places are called `<channel> <target>`. */
export interface DeliveryRoom {
  full: readonly string[];
  /** of places where something is under way */
  left: Readonly<Record<string, number>>;
  /** of a place where nothing is, by channel */
  atOnce: Readonly<Record<string, number>>;
}

/** Takes due deliveries by a lease, for each place as many as there is room for. */
export async function claimDeliveries(
  db: Database,
  { owner, leaseMs, limit, room }: { owner: string; leaseMs: number; limit: number; room: DeliveryRoom },
): Promise<ClaimedDelivery[]> {
  const { full, left, atOnce } = room;
  return db.run<ClaimedDelivery>(claim, [owner, leaseMs, limit, full, JSON.stringify(left), JSON.stringify(atOnce)]);
}

/** @returns milliseconds until something is due that nobody holds; undefined when nothing is within `horizonMs` */
export async function nextDeliveryMs(
  db: Database,
  horizonMs: number,
  busy: readonly string[],
): Promise<number | undefined> {
  const [row] = await db.run<{ ms: number }>(nextDue, [horizonMs, busy]);
  return row?.ms;
}

/** Writes down how a try ended. @returns false when another process holds it by now, or it was ended otherwise */
export async function recordDelivery(db: Database, claimed: ClaimedDelivery, end: DeliveryEnd): Promise<boolean> {
  const error = end.state === 'delivered' ? null : end.error;
  const againMs = end.state === 'pending' ? end.againMs : null;
  const rows = await db.run(record, [claimed.id, claimed.leaseNo, end.state, end.code, error, againMs]);
  return rows.length === 1;
}

/** Gives a delivery back that wasn't tried; it is due at once. */
export async function releaseDelivery(db: Database, claimed: ClaimedDelivery): Promise<void> {
  await db.run(release, [claimed.id, claimed.leaseNo]);
}
