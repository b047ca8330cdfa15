import type { PoolClient } from 'pg';
import type { Database, Statement } from './database.ts';

/** How long is kept what would grow without end (docs/database.md). */
export const retention = {
  idempotencyKeyDays: 30,
  deliveryDays: 30,
  goneSiteEventDays: 400,
  incidentDays: 400,
  auditDays: 400,
} as const;

/** Rows deleted in one transaction, so that nobody waits for it. */
const BATCH = 1000;
/** Sites looked at in one transaction. */
const SITES = 100;

/** Held for one transaction: of all processes one prunes at a time. */
const lock: Statement = { name: 'retention-lock', text: 'select pg_try_advisory_xact_lock(726004) as got' };

/** $1 how many at most */
const deleteKeys: Statement = {
  name: 'retention-delete-keys',
  text: `delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys where created_at < now() - interval '${retention.idempotencyKeyDays} days'
    order by created_at limit $1 for update skip locked))`,
};

/** $1 how many at most */
const deleteDeliveries: Statement = {
  name: 'retention-delete-deliveries',
  text: `delete from deliveries where ctid = any(array(
    select ctid from deliveries where finished_at < now() - interval '${retention.deliveryDays} days'
    order by finished_at limit $1 for update skip locked))`,
};

/** $1 how many at most */
const deleteIncidents: Statement = {
  name: 'retention-delete-incidents',
  text: `delete from incidents where ctid = any(array(
    select ctid from incidents where closed_at < now() - interval '${retention.incidentDays} days'
    order by closed_at limit $1 for update skip locked))`,
};

/** $1 how many at most; after the incidents that point to them */
const deleteAlerts: Statement = {
  name: 'retention-delete-alerts',
  text: `delete from alerts where ctid = any(array(
    select ctid from alerts a where closed_at < now() - interval '${retention.incidentDays} days'
      and not exists (select from incidents i where i.alert_id = a.id) order by closed_at limit $1))`,
};

/** What signs nobody in any more, and counts nothing any more. Each: $1 how many at most */
const deleteSignIn: readonly Statement[] = [
  {
    name: 'retention-delete-sessions',
    text: 'delete from sessions where ctid = any(array(select ctid from sessions where expires_at < now() limit $1))',
  },
  {
    name: 'retention-delete-verifications',
    text: 'delete from verifications where ctid = any(array(select ctid from verifications where expires_at < now() limit $1))',
  },
  {
    name: 'retention-delete-rate-limits',
    text: `delete from rate_limits where ctid = any(array(
      select ctid from rate_limits where started_at < now() - interval '1 day' limit $1))`,
  },
  {
    name: 'retention-delete-audit',
    text: `delete from audit_entries where ctid = any(array(
      select ctid from audit_entries where at < now() - interval '${retention.auditDays} days' order by at limit $1))`,
  },
];

const LONG_GONE = `select id from sites where gone_at is not null and events_pruned_at is null
  and gone_at < now() - interval '${retention.goneSiteEventDays} days' order by gone_at limit ${SITES}`;

/** $1 how many at most */
const deleteEvents: Statement = {
  name: 'retention-delete-events',
  text: `delete from site_events where ctid = any(array(
    select e.ctid from (${LONG_GONE}) s join site_events e on e.site_id = s.id limit $1))`,
};

/** Sites without events left aren't looked at again. */
const markPruned: Statement = {
  name: 'retention-mark-pruned',
  text: `update sites s set events_pruned_at = now() from (${LONG_GONE}) old
  where s.id = old.id and not exists (select from site_events e where e.site_id = s.id)`,
};

/** What one batch did. */
export interface Pruned {
  idempotencyKeys: number;
  deliveries: number;
  /** incidents, and what was said of them */
  incidents: number;
  /** sessions, links and codes that expired, old counts of tries, and old entries of the audit */
  signIn: number;
  events: number;
  /** another batch would find something */
  more: boolean;
}

/**
 * Deletes one batch of what was kept long enough: idempotency keys, deliveries and incidents that ended, what signs nobody in any
 * more, and the events of sites that are gone.
 * @returns undefined when another process is at it
 */
export async function pruneBatch(db: Database): Promise<Pruned | undefined> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ got: boolean }>(lock);
    if (!rows[0]?.got) return undefined;
    const idempotencyKeys = await count(client, deleteKeys, [BATCH]);
    const deliveries = await count(client, deleteDeliveries, [BATCH]);
    const incidents = await count(client, deleteIncidents, [BATCH]);
    const alerts = await count(client, deleteAlerts, [BATCH]);
    const signIn: number[] = [];
    for (const statement of deleteSignIn) signIn.push(await count(client, statement, [BATCH]));
    const events = await count(client, deleteEvents, [BATCH]);
    const sites = events < BATCH ? await count(client, markPruned, []) : 0;
    const more = [idempotencyKeys, deliveries, incidents, alerts, ...signIn, events].includes(BATCH) || sites === SITES;
    return {
      idempotencyKeys,
      deliveries,
      incidents: incidents + alerts,
      signIn: signIn.reduce((sum, one) => sum + one),
      events,
      more,
    };
  });
}

async function count(client: PoolClient, statement: Statement, values: unknown[]): Promise<number> {
  return (await client.query({ ...statement, values })).rowCount ?? 0;
}
