import type { Database, Statement } from './database.ts';

/** $1 site, $2 type, $3 aspect, $4 reason, $5 message, $6 data, $7 cause. The site's row is locked first: events have no gaps. */
const once: Statement = {
  name: 'site-events-once',
  text: `with site as (
    select id from sites where id = $1 for no key update
  ), counted as (
    update sites s set event_seq = s.event_seq + 1 from site
    where s.id = site.id and not exists (select from site_events e where e.site_id = $1 and e.type = $2 and e.data = $6::jsonb)
    returning s.id, s.event_seq
  )
  insert into site_events (site_id, seq, type, aspect, reason, message, data, cause_id)
  select counted.id, counted.event_seq, $2, $3, $4, $5, $6::jsonb, $7 from counted`,
};

/** Tells something on a site's timeline, once for the same type and data, however often it is said. */
export async function tellOnce(
  db: Database,
  siteId: string,
  event: {
    type: string;
    aspect: string;
    reason: string;
    message: string;
    data?: Record<string, unknown>;
    causeId?: string | null;
  },
): Promise<void> {
  const { type, aspect, reason, message, data = {}, causeId = null } = event;
  await db.run(once, [siteId, type, aspect, reason, message, JSON.stringify(data), causeId]);
}
