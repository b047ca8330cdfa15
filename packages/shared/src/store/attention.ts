import { noticedReasons } from '../domain/waiting-reasons.ts';
import type { Database, Statement } from './database.ts';

/** A condition that an operator is told of. What is noticed is as it is wanted, and concerns an operator all the same. */
const CONCERNS = `(c.status = 'false' or c.reason in (${noticedReasons.map((one) => `'${one}'`).join()}))`;

/** $1 reasons, $2 how long they must last, in ms. A container that isn't healthy is of concern here only before its site was live. */
const open: Statement = {
  name: 'attention-open',
  text: `insert into incidents (kind, site_id, reason, message, opened_at)
  select distinct on (c.site_id) 'attention', c.site_id, c.reason, c.message, c.changed_at
  from site_conditions c join sites s on s.id = c.site_id
  where ${CONCERNS} and c.gone_at is null and c.reason = any($1::text[])
    and c.changed_at < now() - $2::float8 * interval '1 ms' and s.gone_at is null
    and (c.reason <> 'ContainerUnhealthy' or s.live_at is null)
  order by c.site_id, c.changed_at, c.id
  on conflict (site_id, coalesce(aspect, '')) where closed_at is null and site_id is not null do nothing
  returning id`,
};

/** Nobody has what is to go looked at, so nothing else would end what was wrong with it. */
const closeOfLeaving: Statement = {
  name: 'attention-close-of-leaving',
  text: `update incidents i set closed_at = now() from sites s
  where s.id = i.site_id and i.closed_at is null and i.kind <> 'attention' and (s.gone_at is not null or s.wanted = 'deleted') returning i.id`,
};

/** $1 reasons. What a site waits for now may be something else: that is another incident. */
const close: Statement = {
  name: 'attention-close',
  text: `update incidents i set closed_at = now()
  where i.kind = 'attention' and i.closed_at is null and not (i.reason = any($1::text[]) and exists (
    select from site_conditions c join sites s on s.id = c.site_id
    where c.site_id = i.site_id and c.reason = i.reason and ${CONCERNS} and c.gone_at is null and s.gone_at is null))
  returning id`,
};

/**
 * Makes the incidents of kind `attention` (of no aspect) those of sites that wait for an operator now, by their conditions;
 * and closes what was wrong with sites that are to go.
 * @returns how many were opened or closed
 */
export async function noteAttention(db: Database, reasons: readonly string[], lastingMs: number): Promise<number> {
  const left = await db.run(closeOfLeaving, []);
  const closed = await db.run(close, [reasons]);
  const opened = await db.run(open, [reasons, lastingMs]);
  return left.length + closed.length + opened.length;
}
