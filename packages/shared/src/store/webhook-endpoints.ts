import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { isUuid } from './uuid.ts';

/** A place that webhooks are sent to, as it is shown. */
export interface ReadEndpoint {
  id: string;
  url: string;
  description: string;
  eventTypes: string[];
  enabled: boolean;
  disabledReason: string | null;
  formerSecretUntil: string | null;
  createdAt: string;
}

/** What sending to it takes; the secrets are encrypted. */
export interface EndpointWay {
  url: string;
  secretEnc: string;
  /** of the time before it was replaced, as long as it still counts */
  formerSecretEnc: string | null;
}

const SHOWN = `id, url, description, event_types as "eventTypes", disabled_at is null as enabled, disabled_reason as "disabledReason",
  case when former_until > now() then ${iso('former_until')} end as "formerSecretUntil", ${iso('created_at')} as "createdAt"`;

const list: Statement = {
  name: 'webhook-endpoints-list',
  text: `select ${SHOWN} from webhook_endpoints where deleted_at is null order by created_at desc, id desc`,
};

/** $1 URL, $2 description, $3 types, $4 secret */
const create: Statement = {
  name: 'webhook-endpoints-create',
  text: `insert into webhook_endpoints (url, description, event_types, secret_enc) values ($1, $2, $3::text[], $4) returning ${SHOWN}`,
};

const CANCEL = (
  from: string,
  error: string,
) => `update deliveries d set state = 'canceled', finished_at = now(), error = ${error}
    from ${from} where d.channel = 'webhook' and d.target = ${from}.id::text and d.state = 'pending'`;

/** $1 id, $2 URL, $3 description, $4 types, $5 enabled (each null where it stays). What waits for one that is off isn't sent. */
const change: Statement = {
  name: 'webhook-endpoints-change',
  text: `with changed as (
    update webhook_endpoints set url = coalesce($2, url), description = coalesce($3, description),
      event_types = coalesce($4::text[], event_types), updated_at = now(),
      disabled_at = case when $5 then null when not $5 then coalesce(disabled_at, now()) else disabled_at end,
      disabled_reason = case when $5 then null when not $5 then coalesce(disabled_reason, 'switched off') else disabled_reason end
    where id = $1 and deleted_at is null returning *
  ), canceled as (
    ${CANCEL('changed', "'the endpoint was switched off'")} and changed.disabled_at is not null
  )
  select ${SHOWN} from changed`,
};

/** $1 id, $2 the new secret, $3 how long the former one counts, in hours */
const rotate: Statement = {
  name: 'webhook-endpoints-rotate',
  text: `update webhook_endpoints set former_secret_enc = secret_enc, former_until = now() + $3::float8 * interval '1 hour',
    secret_enc = $2, updated_at = now()
  where id = $1 and deleted_at is null returning ${SHOWN}`,
};

/** $1 id. The secrets go with it. */
const remove: Statement = {
  name: 'webhook-endpoints-delete',
  text: `with gone as (
    update webhook_endpoints set deleted_at = now(), disabled_at = coalesce(disabled_at, now()), secret_enc = '',
      former_secret_enc = null, former_until = null, updated_at = now()
    where id = $1 and deleted_at is null returning ${SHOWN}
  ), canceled as (
    ${CANCEL('gone', "'the endpoint was deleted'")}
  )
  select * from gone`,
};

/** $1 id, $2 why. What waits for it isn't sent any more. */
const disable: Statement = {
  name: 'webhook-endpoints-disable',
  text: `with off as (
    update webhook_endpoints set disabled_at = now(), disabled_reason = $2, updated_at = now()
    where id = $1 and deleted_at is null and disabled_at is null returning id, url
  ), canceled as (
    ${CANCEL('off', "'the endpoint was switched off'")}
  )
  select url from off`,
};

const way: Statement = {
  name: 'webhook-endpoints-way',
  text: `select url, secret_enc as "secretEnc", case when former_until > now() then former_secret_enc end as "formerSecretEnc"
  from webhook_endpoints where id = $1 and disabled_at is null and deleted_at is null`,
};

/** All that aren't deleted, the newest first. */
export async function listEndpoints(db: Database): Promise<ReadEndpoint[]> {
  return db.run<ReadEndpoint>(list, []);
}

export async function createEndpoint(
  db: Database,
  endpoint: { url: string; description: string; eventTypes: readonly string[]; secretEnc: string },
): Promise<ReadEndpoint> {
  const { url, description, eventTypes, secretEnc } = endpoint;
  const [row] = await db.run<ReadEndpoint>(create, [url, description, eventTypes, secretEnc]);
  if (!row) throw new Error('an endpoint was stored, and its row did not come back');
  return row;
}

/** Changes what is given and leaves the rest. @returns undefined when there is no such endpoint */
export async function changeEndpoint(
  db: Database,
  id: string,
  wish: {
    url?: string | undefined;
    description?: string | undefined;
    eventTypes?: readonly string[] | undefined;
    enabled?: boolean | undefined;
  },
): Promise<ReadEndpoint | undefined> {
  const { url = null, description = null, eventTypes = null, enabled = null } = wish;
  return one(db, change, id, [url, description, eventTypes, enabled]);
}

/** Puts another secret in the place of the present one, which counts on for `formerValidHours`. */
export async function rotateEndpointSecret(
  db: Database,
  id: string,
  secretEnc: string,
  formerValidHours: number,
): Promise<ReadEndpoint | undefined> {
  return one(db, rotate, id, [secretEnc, formerValidHours]);
}

/** Forgets the secrets of a place and cancels what waits for it. @returns undefined when there is no such endpoint */
export async function deleteEndpoint(db: Database, id: string): Promise<ReadEndpoint | undefined> {
  return one(db, remove, id, []);
}

/** Sends nothing there any more, for a reason that isn't a person's wish. @returns its URL, if it was on until now */
export async function disableEndpoint(db: Database, id: string, reason: string): Promise<string | undefined> {
  const [row] = await db.run<{ url: string }>(disable, [id, reason]);
  return row?.url;
}

/** @returns undefined when nothing is sent there (any more) */
export async function findEndpointWay(db: Database, id: string): Promise<EndpointWay | undefined> {
  return one(db, way, id, []);
}

async function one<Row extends ReadEndpoint | EndpointWay>(
  db: Database,
  statement: Statement,
  id: string,
  more: readonly unknown[],
): Promise<Row | undefined> {
  if (!isUuid(id)) return undefined;
  return (await db.run<Row>(statement, [id, ...more]))[0];
}
