import type { DomainRecord, MailSafety } from '../domain/domain-record.ts';
import type { Database, Statement } from './database.ts';

/** How far the take-over of what a domain's former name servers know is. */
export interface Takeover {
  /** since the scan was asked for; null: it wasn't yet */
  scanAgeMs: number | null;
  /** what is to be in the zone; null: nothing was found yet */
  found: DomainRecord[] | null;
  ended: boolean;
  mail: MailSafety | null;
  /** how long resolvers may still remember that the domain is signed, as it was last seen; 0: not at all */
  dsRememberedMs: number;
  /** since the parent's name servers have not answered */
  unansweredMs: number;
  /** since nobody has answered for the domain's mail records */
  mailUnansweredMs: number;
}

const begin: Statement = {
  name: 'zone-takeovers-begin',
  text: 'insert into zone_takeovers (zone_id) values ($1) on conflict (zone_id) do nothing',
};

const read: Statement = {
  name: 'zone-takeovers-read',
  text: `select extract(epoch from now() - scanned_at)::float8 * 1000 as "scanAgeMs", found, ended_at is not null as ended, mail,
    coalesce(greatest(extract(epoch from ds_remembered_until - now())::float8 * 1000, 0), 0) as "dsRememberedMs",
    coalesce(extract(epoch from now() - ds_unanswered_since)::float8 * 1000, 0) as "unansweredMs",
    coalesce(extract(epoch from now() - mail_unanswered_since)::float8 * 1000, 0) as "mailUnansweredMs"
  from zone_takeovers where zone_id = $1`,
};

const scanned: Statement = {
  name: 'zone-takeovers-scanned',
  text: 'update zone_takeovers set scanned_at = now() where zone_id = $1',
};

/** $2 records. What an earlier look found stays: it may be in the zone by now. */
const found: Statement = {
  name: 'zone-takeovers-found',
  text: 'update zone_takeovers set found = $2 where zone_id = $1 and found is null',
};

const end: Statement = {
  name: 'zone-takeovers-end',
  text: `update zone_takeovers set mail = $2, refused = $3, ended_at = now(), found = coalesce(found, '[]') where zone_id = $1 and ended_at is null`,
};

/** $2 whether there is a DS record; null: nobody answered. $3 for how many seconds it is remembered */
const signed: Statement = {
  name: 'zone-takeovers-signed',
  text: `update zone_takeovers set ds_present = $2,
    ds_remembered_until = case when $2 then now() + $3::float8 * interval '1 second' else ds_remembered_until end,
    ds_unanswered_since = case when $2 is null then coalesce(ds_unanswered_since, now()) end
  where zone_id = $1`,
};

const mailUnanswered: Statement = {
  name: 'zone-takeovers-mail-unanswered',
  text: 'update zone_takeovers set mail_unanswered_since = coalesce(mail_unanswered_since, now()) where zone_id = $1',
};

/** $2 mail records that the zone doesn't hold, $3 those that it holds besides what was found, $4 what is known of the mail now, or null */
const mailSeen: Statement = {
  name: 'zone-takeovers-mail-seen',
  text: `update zone_takeovers set mail_unanswered_since = null, missing = $2, found = coalesce(found, '[]') || $3::jsonb, mail = coalesce($4, mail)
  where zone_id = $1`,
};

const tell: Statement = {
  name: 'zone-takeovers-tell',
  text: 'update zones set told_at = coalesce(told_at, now()) where id = $1',
};

/** How far it is; it is begun when it wasn't. */
export async function openTakeover(db: Database, zoneId: string): Promise<Takeover> {
  await db.run(begin, [zoneId]);
  const [row] = await db.run<Takeover & Record<string, unknown>>(read, [zoneId]);
  if (!row) throw new Error(`there is no zone ${zoneId}`);
  return row;
}

/** What was taken over into a zone, so far. */
export async function readTakenRecords(db: Database, zoneId: string): Promise<DomainRecord[]> {
  const [row] = await db.run<{ found: DomainRecord[] | null }>(read, [zoneId]);
  return row?.found ?? [];
}

export async function noteScan(db: Database, zoneId: string): Promise<void> {
  await db.run(scanned, [zoneId]);
}

/** Says what is to be in the zone, before anything of it is put there. */
export async function noteFound(db: Database, zoneId: string, records: readonly DomainRecord[]): Promise<void> {
  await db.run(found, [zoneId, JSON.stringify(records)]);
}

/** @param refused what Cloudflare doesn't take, and mail doesn't need */
export async function endTakeover(
  db: Database,
  zoneId: string,
  { mail, refused = [] }: { mail: MailSafety; refused?: readonly DomainRecord[] },
): Promise<void> {
  await db.run(end, [zoneId, mail, JSON.stringify(refused)]);
}

/** @param present undefined when nobody answered */
export async function noteSigned(
  db: Database,
  zoneId: string,
  present: boolean | undefined,
  rememberedSeconds = 0,
): Promise<void> {
  await db.run(signed, [zoneId, present ?? null, rememberedSeconds]);
}

export async function noteMailUnanswered(db: Database, zoneId: string): Promise<void> {
  await db.run(mailUnanswered, [zoneId]);
}

/** What a look at a domain's mail records said, beside what was found before. */
export interface SeenMail {
  /** not in the zone */
  missing: readonly DomainRecord[];
  /** in the zone, as copies of what the former name servers know */
  added: readonly DomainRecord[];
  /** undefined: as before */
  mail?: MailSafety;
}

export async function noteMail(db: Database, zoneId: string, { missing, added, mail }: SeenMail): Promise<void> {
  await db.run(mailSeen, [zoneId, JSON.stringify(missing), JSON.stringify(added), mail ?? null]);
}

/** From now on anybody may be told the zone's name servers. */
export async function tellNameServers(db: Database, zoneId: string): Promise<void> {
  await db.run(tell, [zoneId]);
}
