import type { Hint } from '../contracts/jobs.ts';
import type { SiteWanted } from '../domain/aspects.ts';
import type { ContainerProfile } from '../domain/container-profile.ts';
import type { ContainerStatus, HealthStatus } from '../domain/seed-status.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';

export type ReleaseOutcome = 'pending' | 'running' | 'superseded' | 'failed';

/** One image deployed for a site. */
export interface Release {
  number: number;
  image: string;
  licenseKeyEnc: string;
  profile: ContainerProfile;
  outcome: ReleaseOutcome;
  /** of the image that its name meant when it was deployed; null before */
  digest: string | null;
  /** seconds since its container was given the time to become healthy; null before */
  startedSeconds: number | null;
}

/** What the container of a placement is decided from. */
export interface ContainerWish {
  siteId: string;
  siteKey: string;
  customerId: string;
  siteWanted: SiteWanted;
  generation: number;
  placementWanted: 'serving' | 'draining' | 'gone';
  hostId: string;
  pool: 'staging' | 'customer';
  port: number;
  /** the port was asked for: no other one takes its place */
  portWished: boolean | null;
  slot: number;
  memoryBytes: number;
  cpus: number;
  healthPath: string;
  envEnc: string | null;
  /** pending and running ones, the latest first */
  releases: Release[];
  restart: { wanted: number; started: number; from: string | null; done: number };
}

const read: Statement = {
  name: 'containers-read',
  text: `select s.id as "siteId", s.key as "siteKey", cu.external_id as "customerId",
    ${WANTED.container} as "siteWanted", s.generation,
    p.wanted as "placementWanted", p.host_id as "hostId", case s.environment when 'staging' then 'staging' else 'customer' end as pool,
    p.port, s.wished_port = p.port as "portWished", p.slot, s.memory_bytes::float8 as "memoryBytes", s.cpus, s.health_path as "healthPath", s.env_enc as "envEnc",
    (select coalesce(json_agg(json_build_object('number', r.number, 'image', r.image, 'licenseKeyEnc', r.license_key_enc, 'profile', r.profile,
        'outcome', r.outcome, 'digest', r.digest, 'startedSeconds', extract(epoch from now() - r.started_at)::float8) order by r.number desc), '[]'::json)
      from releases r where r.site_id = s.id and r.outcome in ('pending', 'running')) as releases,
    json_build_object('wanted', s.container_restart, 'started', p.container_restart_started, 'from', p.container_restart_from,
      'done', p.container_restart_done) as restart
  from placements p join sites s on s.id = p.site_id join customers cu on cu.id = s.customer_id where p.id = $1`,
};

const beginRestart: Statement = {
  name: 'containers-begin-restart',
  text: `update placements set container_restart_started = $2, container_restart_from = $3
  where id = $1 and container_restart_started < $2`,
};

const endRestart: Statement = {
  name: 'containers-end-restart',
  text: 'update placements set container_restart_done = greatest(container_restart_done, $2) where id = $1',
};

const noteImage: Statement = {
  name: 'containers-release-image',
  text: 'update releases set digest = $3 where site_id = $1 and number = $2 and digest is null',
};

/** One that has run before gets its time anew with each start of ours; one that is on trial gets it once. */
const noteStarted: Statement = {
  name: 'containers-release-started',
  text: `update releases set started_at = now() where site_id = $1 and number = $2 and (started_at is null or outcome = 'running')`,
};

/** The release that is healthy now runs; what ran or waited before it is superseded. */
const succeed: Statement = {
  name: 'containers-release-succeeded',
  text: `update releases set outcome = case when number = $2 then 'running' else 'superseded' end, finished_at = now()
  where site_id = $1 and ((number = $2 and outcome = 'pending') or (number < $2 and outcome in ('pending', 'running')))`,
};

const fail: Statement = {
  name: 'containers-release-failed',
  text: `update releases set outcome = 'failed', reason = $3, finished_at = now() where site_id = $1 and number = $2 and outcome = 'pending'`,
};

/**
 * $1 placement, then one array per column: $2 container ids, $3 names, $4 images, $5 ports, $6 releases, $7 statuses, $8 health or null
 * where it wasn't probed, $9 memory, $10 cpus, $11 started, $12 finished, $13 exit code. What isn't among them was observed absent. What doesn't run can't be healthy, so it loses
 * what the last probe found.
 */
const record: Statement = {
  name: 'containers-record',
  text: `with seen as (
    select * from unnest($2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[],
      $11::timestamptz[], $12::timestamptz[], $13::int[])
      as s (container_id, name, image, port, release, status, health, memory, cpus, started, finished, exit_code)
  ), gone as (
    update customer_containers c set status = 'removed', health_status = 'unreachable', updated_at = now()
    where c.placement_id = $1 and c.status <> 'removed' and c.container_id <> all($2::text[])
  )
  insert into customer_containers as c (customer_id, container_id, container_name, image_name, port, memory_limit, cpu_limit, status,
    last_health_check, health_status, site_id, placement_id, release, started_at, finished_at, exit_code)
  select s.customer_id, seen.container_id, seen.name, seen.image, seen.port, seen.memory, seen.cpus, seen.status,
    case when seen.health is not null then now() end, coalesce(seen.health, 'unreachable'), s.id, p.id, seen.release,
    seen.started, seen.finished, seen.exit_code
  from seen, placements p join sites s on s.id = p.site_id where p.id = $1
  on conflict (container_id) do update set container_name = excluded.container_name, image_name = excluded.image_name,
    port = excluded.port, memory_limit = excluded.memory_limit, cpu_limit = excluded.cpu_limit, status = excluded.status,
    last_health_check = coalesce(excluded.last_health_check, c.last_health_check),
    health_status = case when excluded.last_health_check is null and excluded.status = 'running' and c.status = 'running'
      then c.health_status else excluded.health_status end,
    release = excluded.release, started_at = excluded.started_at, finished_at = excluded.finished_at,
    exit_code = excluded.exit_code, updated_at = now()`,
};

/** A container as it was observed. */
export interface ContainerRecord {
  id: string;
  name: string;
  image: string;
  port: number;
  release: number;
  status: ContainerStatus;
  startedAt: string | undefined;
  finishedAt: string | undefined;
  exitCode: number;
  /** undefined when it wasn't probed */
  health: HealthStatus | undefined;
  memoryLimit: string;
  cpuLimit: string;
}

/** In one order, so that those who write the same rows at once don't block each other. */
const wakeAll: Statement = {
  name: 'containers-wake-all',
  text: `with found as (
    select c.id from site_conditions c join placements p on p.id = c.placement_id
    where p.host_id = $1 and c.aspect = 'container' and c.gone_at is null and c.observed_at is not null
    order by c.id for update of c
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from found where c.id = found.id
  returning c.id as "conditionId", c.queue`,
};

/** Has every container of a host looked at once more, as far as it was looked at before. @returns whom to hint */
export async function wakeContainersOfHost(db: Database, hostId: string): Promise<Hint[]> {
  return db.run<Hint>(wakeAll, [hostId]);
}

/** @throws when there is no such placement */
export async function readContainerWish(db: Database, placementId: string): Promise<ContainerWish> {
  const [row] = await db.run<ContainerWish>(read, [placementId]);
  if (!row) throw new Error(`there is no placement ${placementId}`);
  return row;
}

/** Remembers what ran (`from`) before restart number `number` was begun. */
export async function beginContainerRestart(
  db: Database,
  placementId: string,
  number: number,
  from: string,
): Promise<void> {
  await db.run(beginRestart, [placementId, number, from]);
}

/** Restart `number` was observed: something else runs than before. */
export async function endContainerRestart(db: Database, placementId: string, number: number): Promise<void> {
  await db.run(endRestart, [placementId, number]);
}

/** The image that the release means from now on. */
export async function noteReleaseImage(db: Database, siteId: string, number: number, digest: string): Promise<void> {
  await db.run(noteImage, [siteId, number, digest]);
}

/** The time that a release has to become healthy begins. */
export async function noteReleaseStarted(db: Database, siteId: string, number: number): Promise<void> {
  await db.run(noteStarted, [siteId, number]);
}

/** The release became healthy. */
export async function noteReleaseSucceeded(db: Database, siteId: string, number: number): Promise<void> {
  await db.run(succeed, [siteId, number]);
}

/** The release didn't become healthy; the one before it counts again. */
export async function noteReleaseFailed(db: Database, siteId: string, number: number, reason: string): Promise<void> {
  await db.run(fail, [siteId, number, reason]);
}

/** Writes a placement's observed containers into the seed's table; those that aren't among them any more are removed. */
export async function recordContainers(
  db: Database,
  placementId: string,
  seen: readonly ContainerRecord[],
): Promise<void> {
  const column = <K extends keyof ContainerRecord>(name: K) => seen.map((one) => one[name] ?? null);
  await db.run(record, [
    placementId,
    column('id'),
    column('name'),
    column('image'),
    column('port'),
    column('release'),
    column('status'),
    column('health'),
    column('memoryLimit'),
    column('cpuLimit'),
    column('startedAt'),
    column('finishedAt'),
    column('exitCode'),
  ]);
}
