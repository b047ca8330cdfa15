import type { Hint } from '../contracts/jobs.ts';
import { aspects, queueOf, siteAspects } from '../domain/aspects.ts';
import type { ContainerProfile } from '../domain/container-profile.ts';
import { type Database, type Statement, sqlState, violatedConstraint } from './database.ts';

/** An order that was read and found good, ready to be stored. */
export interface NewOrder {
  apiKeyId: string;
  idempotencyKey: string;
  /** of the whole order: tells an equal one from another */
  fingerprint: string;
  orderId: string;
  customer: {
    externalId: string;
    name: string;
    email: string;
    /** whether, and in which language, they are written to; as before where it isn't said */
    notify?: boolean | undefined;
    language?: 'de' | 'en' | undefined;
  };
  domain: string;
  domainUnicode: string;
  image: string;
  licenseKeyEnc: string;
  envEnc: string | null;
  environment: 'production' | 'staging';
  memoryBytes: number;
  cpus: number;
  healthPath: string;
  profile: ContainerProfile;
  wishedPort: number | null;
  existingZone: boolean;
  slug: string;
  operationId: string;
  causeId: string;
}

/** What became of an order. */
export type Intake =
  | { kind: 'accepted'; siteKey: string; hints: Hint[] }
  /** another request with this key is under way */
  | { kind: 'in-flight' }
  /** the key was used before; `same` tells whether for an equal order */
  | { kind: 'replayed'; same: boolean; response: unknown }
  /** an order of this id exists; `same` tells whether it's an equal one */
  | { kind: 'order-exists'; same: boolean }
  | { kind: 'domain-in-use' }
  /** the domain's former site of the same customer is leaving */
  | { kind: 'leaving' };

/** Aspects that wait for nothing are due at once; the others are woken by what they wait for. */
const FIRST = siteAspects.filter((aspect) => aspects[aspect].waitsUp.length === 0);

/** $1 api key, $2 idempotency key */
const KEY_LOCK = `hashtextextended($1 || ' ' || $2, 726002)`;

/**
 * One statement for everything that an order makes. $1 api key, $2 idempotency key, $3 fingerprint, $4 order, $5–$7 customer, $8 domain,
 * $9 its unicode form, $10 image, $11 licence key, $12 env, $13 environment, $14 memory, $15 cpus, $16 health path, $17 profile, $18 port,
 * $19 existing zone, $20 slug, $21 operation, $22 cause, $23 aspects, $24 their queues, $25 those that are due at once, $26 whether the customer is written to, $27 in which language
 */
export const takeOrderStatement: Statement = {
  name: 'intake-take',
  text: `with lock as (
    select pg_try_advisory_xact_lock(${KEY_LOCK}) as got
  ), go as (
    select 1 from lock where got and not exists (select from idempotency_keys where api_key_id = $1::uuid and key = $2)
  ), customer as (
    insert into customers (external_id, name, email, ordered_email, notify, language)
    select $5, $6, $7, $7, coalesce($26::boolean, false), coalesce($27, 'en') from go
    on conflict (external_id) do update set name = excluded.name, ordered_email = excluded.ordered_email,
      email = case when excluded.email = coalesce(customers.ordered_email, customers.email) then customers.email else excluded.email end,
      notify = coalesce($26::boolean, customers.notify), language = coalesce($27, customers.language), updated_at = now() returning id
  ), ordinal as (
    select customer.id as customer_id, (
      select min(n) from generate_series(1, 1 + (select count(*) from sites s where s.customer_id = customer.id and s.gone_at is null)) n
      where not exists (select from sites s where s.customer_id = customer.id and s.ordinal = n and s.gone_at is null)) as n
    from customer
  ), ord as (
    insert into orders (external_id, customer_id, fingerprint) select $4, id, $3 from customer returning id
  ), site as (
    insert into sites (key, slug, ordinal, customer_id, order_id, environment, domain, domain_unicode, image, license_key_enc, env_enc,
      memory_bytes, cpus, health_path, wished_port, existing_zone, event_seq)
    select case when o.n = 1 then $5 else $5 || '.' || o.n end, $20, o.n, o.customer_id, ord.id, $13, $8, $9, $10, $11, $12,
      $14::bigint, $15::float8, $16, $18::int, $19::boolean, 1
    from ordinal o, ord returning id, key
  ), names as (
    insert into site_hostnames (site_id, name, kind)
    select site.id, h.name, h.kind from site, (values ($8, 'apex'), ('www.' || $8, 'www')) as h (name, kind)
  ), rel as (
    insert into releases (site_id, number, image, license_key_enc, profile) select site.id, 1, $10, $11, $17 from site
  ), op as (
    insert into operations (id, site_id, kind, number, requested_by, cause_id) select $21::uuid, site.id, 'order', 1, $1, $22 from site
  ), told as (
    insert into site_events (site_id, seq, type, message, data, cause_id)
    select site.id, 1, 'order.accepted', 'order ' || $4 || ' for ' || $9, jsonb_build_object('orderId', $4), $22 from site
  ), conditions as (
    insert into site_conditions (site_id, aspect, queue, cause_id, reason, due_at)
    select site.id, a.aspect, a.queue, $22, case when a.aspect = any($25::text[]) then 'Queued' else 'Waiting' end,
      case when a.aspect = any($25::text[]) then now() end
    from site, unnest($23::text[], $24::text[]) as a (aspect, queue)
    returning id, queue, due_at
  ), kept as (
    insert into idempotency_keys (api_key_id, key, fingerprint, status, response)
    select $1::uuid, $2, $3, 202, jsonb_build_object('orderId', $4, 'site', site.key, 'domain', $8, 'state', 'queued',
      'nameServers', '[]'::jsonb, 'operation', jsonb_build_object('id', $21, 'url', '/v1/operations/' || $21))
    from site
  )
  select lock.got, (select key from site) as key,
    (select json_agg(json_build_object('conditionId', c.id, 'queue', c.queue)) from conditions c where c.due_at is not null) as hints
  from lock`,
};

const readKey: Statement = {
  name: 'intake-read-key',
  text: 'select fingerprint = $3 as same, response from idempotency_keys where api_key_id = $1::uuid and key = $2',
};

const readOrder: Statement = {
  name: 'intake-read-order',
  text: 'select fingerprint = $2 as same from orders where external_id = $1',
};

const readHolder: Statement = {
  name: 'intake-read-holder',
  text: `select bool_and((s.wanted = 'deleted' or not s.wants_tunnel) and c.external_id = $2) as leaving
  from site_hostnames h join sites s on s.id = h.site_id join customers c on c.id = s.customer_id
  where h.name in ($1, 'www.' || $1) and h.gone_at is null`,
};

/** An answer that failed comes before its locks are given back: the next try waits for them. */
const lockKey: Statement = { name: 'intake-lock-key', text: `select pg_advisory_xact_lock(${KEY_LOCK})` };

/** Two orders of one customer at once take the same ordinal; those that lost take theirs in turn. */
const lockCustomer: Statement = {
  name: 'intake-lock-customer',
  text: 'select from customers where external_id = $1 for no key update',
};

const UNIQUE_VIOLATION = '23505';
const TRIES = 4;

interface Taken {
  got: boolean;
  key: string | null;
  hints: Hint[] | null;
}

/** Stores an order with everything that it makes, or says why not; equal requests at once make one. */
export async function takeOrder(db: Database, order: NewOrder): Promise<Intake> {
  for (let tries = 1; ; tries += 1) {
    try {
      const [row] =
        tries === 1 ? await db.run<Taken>(takeOrderStatement, valuesOfOrder(order)) : await takeInTurn(db, order);
      if (row?.key) return { kind: 'accepted', siteKey: row.key, hints: row.hints ?? [] };
      if (!row?.got) return { kind: 'in-flight' };
      const [known] = await db.run<{ same: boolean; response: unknown }>(readKey, keyOf(order));
      if (known) return { kind: 'replayed', ...known };
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      const conflict = await explain(db, order, violatedConstraint(error));
      if (conflict) return conflict;
      if (tries >= TRIES) throw error;
    }
  }
}

async function takeInTurn(db: Database, order: NewOrder): Promise<Taken[]> {
  return db.transaction(async (client) => {
    await client.query({ ...lockKey, values: [order.apiKeyId, order.idempotencyKey] });
    await client.query({ ...lockCustomer, values: [order.customer.externalId] });
    return (await client.query<Taken>({ ...takeOrderStatement, values: valuesOfOrder(order) })).rows;
  });
}

function keyOf(order: NewOrder): string[] {
  return [order.apiKeyId, order.idempotencyKey, order.fingerprint];
}

/** What the statement takes, in its order. */
export function valuesOfOrder(order: NewOrder): unknown[] {
  const { customer } = order;
  return [
    ...keyOf(order),
    order.orderId,
    customer.externalId,
    customer.name,
    customer.email,
    order.domain,
    order.domainUnicode,
    order.image,
    order.licenseKeyEnc,
    order.envEnc,
    order.environment,
    order.memoryBytes,
    order.cpus,
    order.healthPath,
    order.profile,
    order.wishedPort,
    order.existingZone,
    order.slug,
    order.operationId,
    order.causeId,
    siteAspects,
    QUEUES,
    FIRST,
    customer.notify ?? null,
    customer.language ?? null,
  ];
}

const QUEUES = siteAspects.map((aspect) => queueOf(aspect));

/** What a broken uniqueness means; undefined when trying again helps. */
async function explain(db: Database, order: NewOrder, constraint: string | undefined): Promise<Intake | undefined> {
  const [key] = await db.run<{ same: boolean; response: unknown }>(readKey, keyOf(order));
  if (key) return { kind: 'replayed', ...key };
  if (constraint === 'orders_external_id_key') {
    const [known] = await db.run<{ same: boolean }>(readOrder, [order.orderId, order.fingerprint]);
    return known && { kind: 'order-exists', same: known.same };
  }
  if (constraint === 'site_hostnames_name_open_key') {
    const kind = await findHolder(db, order.domain, order.customer.externalId);
    return kind && { kind };
  }
  return undefined;
}

/** Who has a domain: another site, or one of the same customer that is leaving; undefined when nobody has it any more. */
export async function findHolder(
  db: Database,
  domain: string,
  customer: string,
): Promise<'leaving' | 'domain-in-use' | undefined> {
  const [holder] = await db.run<{ leaving: boolean | null }>(readHolder, [domain, customer]);
  if (!holder || holder.leaving === null) return undefined;
  return holder.leaving ? 'leaving' : 'domain-in-use';
}
