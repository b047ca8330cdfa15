import type { Database, Statement } from './database.ts';

/** Whether a zone's log is pushed: it was seen to be, it isn't, or a person has to do something first. */
export type LogpushState = 'unknown' | 'on' | 'off' | 'waiting';

/** A zone whose Logpush job is to be looked at. */
export interface LogpushZone {
  zoneId: string;
  cfZoneId: string;
  name: string;
  /** a site of ours is served there; else our job goes */
  isServed: boolean;
  tries: number;
}

/** What was found out about a zone's job. */
export interface LogpushFinding {
  state: LogpushState;
  jobId: number | null;
  reason: string | null;
  message: string | null;
  /** where to, without anything secret; null: nowhere */
  destination: string | null;
  tries: number;
  nextMs: number;
}

/** $1 account, $2 whether logs are to be pushed, $3 at most: zones that are due, and those where a job of ours may be left */
const due: Statement = {
  name: 'zone-logpush-due',
  text: `select z.id as "zoneId", z.cf_zone_id as "cfZoneId", z.name, s.served and $2::boolean as "isServed", coalesce(l.tries, 0) as tries
  from zones z left join zone_logpush l on l.zone_id = z.id
    join lateral (select exists (select from sites s where s.zone_id = z.id and s.gone_at is null and s.wants_tunnel and s.zone_active_at is not null) as served) s on true
  where z.account_id = $1 and z.status = 'active' and (l.due_at is null or l.due_at <= now())
    and (s.served and $2::boolean or l.state in ('on', 'waiting') or l.job_id is not null)
  order by l.due_at nulls first, z.id limit $3`,
};

/** $2 state, $3 job, $4 reason, $5 message, $6 destination, $7 tries, $8 milliseconds until the next look */
const record: Statement = {
  name: 'zone-logpush-record',
  text: `insert into zone_logpush (zone_id, state, job_id, reason, message, destination, tries, observed_at, due_at)
  values ($1, $2, $3, $4, $5, $6, $7, now(), now() + $8::float8 * interval '1 ms')
  on conflict (zone_id) do update set state = excluded.state, job_id = excluded.job_id, reason = excluded.reason, message = excluded.message,
    destination = excluded.destination, tries = excluded.tries, observed_at = now(), due_at = excluded.due_at`,
};

/** What couldn't be asked leaves standing what was known. $2 reason, $3 message, $4 tries, $5 milliseconds */
const postpone: Statement = {
  name: 'zone-logpush-postpone',
  text: `insert into zone_logpush (zone_id, reason, message, tries, due_at) values ($1, $2, $3, $4, now() + $5::float8 * interval '1 ms')
  on conflict (zone_id) do update set reason = excluded.reason, message = excluded.message, tries = excluded.tries, due_at = excluded.due_at`,
};

/** $1 account: what the settings say may have changed */
const lookAgain: Statement = {
  name: 'zone-logpush-look-again',
  text: `update zone_logpush l set due_at = now() from zones z where z.id = l.zone_id and z.account_id = $1
    and (l.state in ('on', 'waiting') or l.job_id is not null)`,
};

/** $1 account, $2 destination (a hash of it) */
const asked: Statement = {
  name: 'zone-logpush-asked',
  text: `select l.asked_file as file from zone_logpush l join zones z on z.id = l.zone_id
  where z.account_id = $1 and l.asked_for = $2 order by l.asked_at desc limit 1`,
};

/** $2 destination (a hash of it), $3 file */
const noteAsked: Statement = {
  name: 'zone-logpush-note-asked',
  text: `insert into zone_logpush (zone_id, asked_for, asked_file, asked_at) values ($1, $2, $3, now())
  on conflict (zone_id) do update set asked_for = excluded.asked_for, asked_file = excluded.asked_file, asked_at = now()`,
};

/** The zones of an account whose job is to be looked at now, at most `limit`. */
export async function listLogpushZones(
  db: Database,
  accountId: string,
  { isWanted, limit }: { isWanted: boolean; limit: number },
): Promise<LogpushZone[]> {
  return db.run<LogpushZone & Record<string, unknown>>(due, [accountId, isWanted, limit]);
}

/** Writes down what was found out about a zone's job, and when it is looked at again. */
export async function recordLogpush(db: Database, zoneId: string, finding: LogpushFinding): Promise<void> {
  const { state, jobId, reason, message, destination, tries, nextMs } = finding;
  await db.run(record, [zoneId, state, jobId, reason, message, destination, tries, nextMs]);
}

/** Writes down that a zone's job couldn't be looked at. */
export async function postponeLogpush(
  db: Database,
  zoneId: string,
  { reason, message, tries, nextMs }: { reason: string; message: string; tries: number; nextMs: number },
): Promise<void> {
  await db.run(postpone, [zoneId, reason, message, tries, nextMs]);
}

/** Has all jobs of an account looked at, since the settings may be others now. */
export async function lookAgainAtLogpush(db: Database, accountId: string): Promise<void> {
  await db.run(lookAgain, [accountId]);
}

/** @returns the file with the challenge that was asked for at a destination; undefined: none was */
export async function findLogpushChallenge(db: Database, accountId: string, hash: string): Promise<string | undefined> {
  return (await db.run<{ file: string }>(asked, [accountId, hash]))[0]?.file;
}

export async function noteLogpushChallenge(db: Database, zoneId: string, hash: string, file: string): Promise<void> {
  await db.run(noteAsked, [zoneId, hash, file]);
}
