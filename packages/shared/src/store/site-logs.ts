import type { Database, Statement } from './database.ts';

export type LogSource = 'container' | 'tunnel';
/** `systemd`: what it says of a unit; `berth`: a line of ours, such as one that says how many were left out */
export type LogStream = 'stdout' | 'stderr' | 'systemd' | 'berth';

/** A line that is written down. */
export interface WrittenLine {
  siteId: string;
  /** ISO 8601, by the clock of whoever wrote the line */
  at: string;
  source: LogSource;
  stream: LogStream;
  line: string;
}

/** How far a source was read: told with the lines that were read up to there, in one statement. */
export interface LogPosition {
  sourceId: string;
  position: string;
}

/** $1 host, $2 sources, $3 positions, $4 sites, $5 times, $6 sources of the lines, $7 streams, $8 lines, $9 source, $10 owner */
const write: Statement = {
  name: 'site-logs-write',
  text: `with mine as (
    select host_id from log_readers where host_id = $1 and source = $9 and owner = $10 and lease_until > now() for share
  ), lines as (
    select l.* from mine, unnest($4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $8::text[])
      with ordinality as l (site_id, at, source, stream, line, place)
  ), written as (
    insert into site_logs (site_id, at, source, stream, line) select site_id, at, source, stream, line from lines order by place
  ), read as (
    insert into log_positions (source_id, host_id, position) select source_id, mine.host_id, position
    from mine, unnest($2::text[], $3::text[]) as p (source_id, position)
    on conflict (source_id) do update set position = excluded.position, host_id = excluded.host_id, read_at = now()
  ), grown as (
    insert into log_volumes as v (site_id, day, bytes)
    select site_id, (now() at time zone 'UTC')::date, sum(octet_length(line)) from lines group by site_id
    on conflict (site_id, day) do update set bytes = v.bytes + excluded.bytes returning site_id, day, bytes
  )
  select site_id as "siteId", grown.bytes + (select coalesce(sum(o.bytes), 0)
    from log_volumes o where o.site_id = grown.site_id and o.day <> grown.day)::float8 as bytes
  from mine left join grown on true`,
};

const positions: Statement = {
  name: 'site-logs-positions',
  text: 'select source_id as "sourceId", position from log_positions where source_id = any($1::text[])',
};

/** $1 host, $2 sources that are there, $3 days */
const forget: Statement = {
  name: 'site-logs-forget',
  text: `with present as (
    update log_positions set read_at = now() where source_id = any($2::text[])
  ) delete from log_positions where host_id = $1 and source_id <> all($2::text[]) and read_at < now() - $3::int * interval '1 day'`,
};

/** $1 site, $2 bytes that stay: the newest lines of so many bytes */
const trim: Statement = {
  name: 'site-logs-trim',
  text: `with kept as (
    select id, sum(octet_length(line)) over (order by id desc) as bytes from site_logs where site_id = $1
  ), gone as (
    delete from site_logs where site_id = $1 and id <= coalesce((select max(id) from kept where bytes > $2::float8), 0)
    returning received_at, octet_length(line) as bytes
  ), of_days as (
    select (received_at at time zone 'UTC')::date as day, sum(bytes) as bytes from gone group by 1
  )
  update log_volumes v set bytes = greatest(0, v.bytes - of_days.bytes) from of_days where v.site_id = $1 and v.day = of_days.day`,
};

/** $1 sites */
const sealedOf: Statement = {
  name: 'site-logs-sealed',
  text: `select site_id as "siteId", 'word' as kind, license_key_enc as sealed from releases where site_id = any($1::uuid[])
  union select id, 'word', unnest(array[license_key_enc, tunnel_secret_enc, former_secret_enc, proof_secret_enc]) from sites where id = any($1::uuid[])
  union select id, 'env', env_enc from sites where id = any($1::uuid[])`,
};

/** $1 keys: of sites that had the same one, the last */
const siteIds: Statement = {
  name: 'site-logs-site-ids',
  text: `select distinct on (key) key, id as "siteId" from sites where key = any($1::text[]) order by key, created_at desc`,
};

/** $1 host, $2 source, $3 owner, $4 milliseconds */
const lease: Statement = {
  name: 'site-logs-lease',
  text: `insert into log_readers as r (host_id, source, owner, lease_until) values ($1, $2, $3, now() + $4::float8 * interval '1 ms')
  on conflict (host_id, source) do update set owner = excluded.owner, lease_until = excluded.lease_until
  where r.owner = excluded.owner or r.lease_until <= now() returning owner`,
};

/** Who reads which lines of a host. */
export interface LogReader {
  hostId: string;
  source: LogSource;
  owner: string;
}

/**
 * Writes lines down, and how far their sources were read, both or neither.
 * @returns the bytes that each of their sites has now; undefined when another process reads by now: then nothing was written
 */
export async function writeLines(
  db: Database,
  reader: LogReader,
  lines: readonly WrittenLine[],
  read: readonly LogPosition[],
): Promise<{ siteId: string; bytes: number }[] | undefined> {
  const rows = await db.run<{ siteId: string | null; bytes: number }>(write, [
    reader.hostId,
    read.map((one) => one.sourceId),
    read.map((one) => one.position),
    lines.map((one) => one.siteId),
    lines.map((one) => one.at),
    lines.map((one) => one.source),
    lines.map((one) => one.stream),
    lines.map((one) => one.line),
    reader.source,
    reader.owner,
  ]);
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ siteId, bytes }) => (siteId === null ? [] : [{ siteId, bytes }]));
}

/** How far sources were read; those that never were are missing. */
export async function readPositions(db: Database, sourceIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.run<{ sourceId: string; position: string }>(positions, [sourceIds]);
  return new Map(rows.map((row) => [row.sourceId, row.position]));
}

/** Forgets how far those sources of a host were read that are gone for `days`. @param present ids of those that are there */
export async function forgetPositions(
  db: Database,
  hostId: string,
  present: readonly string[],
  days: number,
): Promise<void> {
  await db.run(forget, [hostId, present, days]);
}

/** Deletes a site's oldest lines, so that `bytes` stay at most. */
export async function trimLines(db: Database, siteId: string, bytes: number): Promise<void> {
  await db.run(trim, [siteId, bytes]);
}

/** @returns whether `owner` reads a host's lines for the next `leaseMs` */
export async function leaseReading(db: Database, of: LogReader, leaseMs: number): Promise<boolean> {
  return (await db.run(lease, [of.hostId, of.source, of.owner, leaseMs])).length > 0;
}

/** What a site keeps secret, encrypted: words, and the variables of its container as JSON. */
export interface Sealed {
  siteId: string;
  kind: 'word' | 'env';
  sealed: string;
}

/** What sites keep secret. */
export async function readSealed(db: Database, siteIds: readonly string[]): Promise<Sealed[]> {
  const rows = await db.run<{ siteId: string; kind: 'word' | 'env'; sealed: string | null }>(sealedOf, [siteIds]);
  return rows.flatMap(({ sealed, ...row }) => (sealed === null ? [] : [{ ...row, sealed }]));
}

/** Ids of sites by their keys; keys that no site ever had are missing. */
export async function findSiteIds(db: Database, keys: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.run<{ key: string; siteId: string }>(siteIds, [keys]);
  return new Map(rows.map((row) => [row.key, row.siteId]));
}
