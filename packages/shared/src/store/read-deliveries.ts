import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import type { Position } from './read-sites.ts';
import { isUuid } from './uuid.ts';

/** A delivery as the API shows it. */
export interface ReadDelivery {
  id: string;
  messageId: string;
  kind: string;
  channel: string;
  target: string;
  site: string | null;
  state: 'pending' | 'delivered' | 'failed' | 'canceled';
  tries: number;
  dueAt: string | null;
  answerCode: number | null;
  error: string | null;
  attemptedAt: string | null;
  finishedAt: string | null;
  createdAt: string;
}

/** Which deliveries are looked for; what isn't said doesn't matter. */
export interface DeliveryFilter {
  state?: string | undefined;
  channel?: string | undefined;
  target?: string | undefined;
  /** a site's key */
  site?: string | undefined;
}

const COLUMNS = `d.id, d.message_id as "messageId", d.kind, d.channel, d.target, s.key as site, d.state, d.tries,
  case when d.state = 'pending' then ${iso('d.due_at')} end as "dueAt", d.answer_code as "answerCode", d.error,
  ${iso('d.attempted_at')} as "attemptedAt", ${iso('d.finished_at')} as "finishedAt", ${iso('d.created_at')} as "createdAt"`;

/** $1 state, $2 channel, $3 target, $4 site (each null where it doesn't matter), $5 created before, $6 and id before, $7 how many */
const list: Statement = {
  name: 'read-deliveries-list',
  text: `select ${COLUMNS}, d.created_at::text as at from deliveries d left join sites s on s.id = d.site_id
  where ($1::text is null or d.state = $1) and ($2::text is null or d.channel = $2) and ($3::text is null or d.target = $3)
    and ($4::text is null or d.site_id in (select id from sites where key = $4))
    and ($5::timestamptz is null or (d.created_at, d.id) < ($5::timestamptz, $6::uuid))
  order by d.created_at desc, d.id desc limit $7`,
};

const byId: Statement = {
  name: 'read-deliveries-by-id',
  text: `select ${COLUMNS}, d.payload from deliveries d left join sites s on s.id = d.site_id where d.id = $1`,
};

/**
 * $1 id. What is under way goes on, and what it ends with is written; anything else is due at once, with the whole table of tries
 * before it.
 */
const again: Statement = {
  name: 'read-deliveries-again',
  text: `update deliveries d set due_at = now(), tries = case when state = 'pending' then tries else 0 end, state = 'pending',
    finished_at = null
  where d.id = $1 and (d.channel <> 'webhook' or exists (
    select from webhook_endpoints e where e.id::text = d.target and e.disabled_at is null and e.deleted_at is null))
  returning id`,
};

/** @returns up to `limit` deliveries, the newest first, and the position after them when there are more */
export async function listDeliveries(
  db: Database,
  filter: DeliveryFilter,
  { after, limit }: { after: Position | undefined; limit: number },
): Promise<{ deliveries: ReadDelivery[]; next: Position | undefined }> {
  const { state = null, channel = null, target = null, site = null } = filter;
  const rows = await db.run<ReadDelivery & { at: string }>(list, [
    state,
    channel,
    target,
    site,
    after?.at ?? null,
    after?.id ?? null,
    limit + 1,
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? { at: last.at, id: last.id } : undefined;
  return { deliveries: shown.map(({ at: _, ...delivery }) => delivery), next };
}

/** One delivery with what it tells. */
export async function findDelivery(
  db: Database,
  id: string,
): Promise<(ReadDelivery & { payload: Record<string, unknown> }) | undefined> {
  if (!isUuid(id)) return undefined;
  return (await db.run<ReadDelivery & { payload: Record<string, unknown> }>(byId, [id]))[0];
}

/** Makes a delivery due at once, also one that was taken or given up. @returns false when its place takes nothing any more */
export async function sendDeliveryAgain(db: Database, id: string): Promise<boolean> {
  return (await db.run(again, [id])).length === 1;
}
