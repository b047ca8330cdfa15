import type { Database, Statement } from './database.ts';

/** $1 how long something may be late, in ms. Each part is a sentence when it is not well, and null when it is. */
const look: Statement = {
  name: 'all-well',
  text: `with late as (select now() - $1::float8 * interval '1 ms' as than)
  select array_remove(array[
    (select 'no sign of life of the workers of ' || string_agg(h.id, ', ' order by h.id) from hosts h, late
      where exists (select from placements p where p.host_id = h.id and p.gone_at is null)
        and least(coalesce(h.lease_until, '-infinity'), coalesce(h.connector_lease_until, '-infinity')) < late.than),
    (select 'nobody works on what is due: ' || string_agg(queue, ', ' order by queue) from (
      select distinct c.queue from site_conditions c, late where c.due_at < late.than and (c.lease_until is null or c.lease_until < late.than)) q),
    (select 'nobody checks the health of the sites of ' || string_agg(distinct w.host_id, ', ') from health_sweeps w, late
      where w.due_at < late.than and exists (select from placements p where p.host_id = w.host_id and p.gone_at is null)),
    (select 'nobody watches zones' from late where exists (
      select from cloudflare_accounts a where coalesce(a.sweep_until, '-infinity') < late.than
        and exists (select from zones z join sites s on s.zone_id = z.id where z.account_id = a.id and s.gone_at is null))),
    (select 'messages are not sent' from late where exists (
      select from deliveries d where d.state = 'pending' and d.due_at < late.than and (d.lease_until is null or d.lease_until < late.than))),
    (select 'what happens is not told' from late where exists (
      select from site_events e where e.noticed_at is null and (e.type <> 'condition.changed' or e.status = 'false') and e.created_at < late.than))
  ]::text[], null) as problems`,
};

/**
 * What of Berth itself isn't well, in sentences: workers that give no sign of life, and work that nobody takes. That the database answers
 * is part of it.
 * @param lateMs how long something may be late
 */
export async function findProblems(db: Database, lateMs: number): Promise<string[]> {
  const [row] = await db.run<{ problems: string[] }>(look, [lateMs]);
  return row?.problems ?? [];
}
