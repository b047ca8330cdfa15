import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { isUuid } from './uuid.ts';

/** A maintenance window as the API shows it. */
export interface ReadWindow {
  id: string;
  scope: 'all' | 'host' | 'site';
  host: string | null;
  /** the site's key */
  site: string | null;
  startsAt: string;
  endsAt: string;
  active: boolean;
  reason: string;
  createdAt: string;
  canceledAt: string | null;
}

/** What a window is to be of: one host, one site (by its key), or all when neither is named. */
export interface NewWindow {
  host: string | null;
  site: string | null;
  startsAt: string | null;
  endsAt: string;
  reason: string;
  requestedBy: string;
}

const COLUMNS = `w.id, w.scope, w.host_id as host, s.key as site, ${iso('w.starts_at')} as "startsAt", ${iso('w.ends_at')} as "endsAt",
  w.starts_at <= now() and now() < w.ends_at as active, w.reason, ${iso('w.created_at')} as "createdAt", ${iso('w.canceled_at')} as "canceledAt"`;

/** $1 host, $2 site's key, $3 start, $4 end, $5 reason, $6 by whom. No row where host or site isn't there, or the end not after the start. */
const create: Statement = {
  name: 'maintenance-create',
  text: `with span as (
    select coalesce($3::timestamptz, now()) as starts_at, $4::timestamptz as ends_at
  ), w as (
    insert into maintenance_windows (scope, host_id, site_id, starts_at, ends_at, reason, requested_by)
    select case when $1::text is not null then 'host' when $2::text is not null then 'site' else 'all' end, h.id, s.id,
      span.starts_at, span.ends_at, $5, $6
    from span left join hosts h on h.id = $1 left join sites s on s.key = $2 and s.gone_at is null
    where span.ends_at > greatest(span.starts_at, now()) and ($1::text is null or h.id is not null) and ($2::text is null or s.id is not null)
    returning *
  )
  select ${COLUMNS} from w left join sites s on s.id = w.site_id`,
};

/** $1 also those that are over */
const list: Statement = {
  name: 'maintenance-list',
  text: `select ${COLUMNS} from maintenance_windows w left join sites s on s.id = w.site_id
  where $1::boolean or w.ends_at > now() order by w.starts_at desc, w.id limit 200`,
};

/** $1 id. Ends now, or never begins. */
const cancel: Statement = {
  name: 'maintenance-cancel',
  text: `with w as (
    update maintenance_windows set canceled_at = now(), ends_at = greatest(starts_at, now())
    where id = $1 and ends_at > now() and canceled_at is null returning *
  )
  select ${COLUMNS} from w left join sites s on s.id = w.site_id`,
};

/** @returns undefined when the host or site isn't there, or the end lies before the start or now */
export async function createWindow(db: Database, wish: NewWindow): Promise<ReadWindow | undefined> {
  const { host, site, startsAt, endsAt, reason, requestedBy } = wish;
  return (await db.run<ReadWindow>(create, [host, site, startsAt, endsAt, reason, requestedBy]))[0];
}

/** Those that last or are to come, the latest first. @param past also those that are over */
export async function listWindows(db: Database, past: boolean): Promise<ReadWindow[]> {
  return db.run<ReadWindow>(list, [past]);
}

/** Ends a window now. @returns undefined when there is none that lasts or is to come */
export async function cancelWindow(db: Database, id: string): Promise<ReadWindow | undefined> {
  if (!isUuid(id)) return undefined;
  return (await db.run<ReadWindow>(cancel, [id]))[0];
}
