import type { Hint } from '../contracts/jobs.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** A registry whose login is stored; the login itself is read by `findRegistryLogin` alone. */
export interface ReadRegistry {
  registry: string;
  username: string;
  createdAt: string;
  updatedAt: string;
}

const columns = `registry, username, ${iso('created_at')} as "createdAt", ${iso('updated_at')} as "updatedAt"`;

/** $1 registry, $2 user name, $3 login, $4 cause: whoever waits to try again because of its registry tries at once, in one order. */
const put: Statement = {
  name: 'registries-put',
  text: `with saved as (
    insert into registry_credentials (registry, username, login_enc) values ($1, $2, $3)
    on conflict (registry) do update set username = excluded.username, login_enc = excluded.login_enc, updated_at = now()
    returning *
  ), waiting as (
    select id from site_conditions where due_at is not null and aspect = 'container' and gone_at is null
      and reason in ('ImageAccessDenied', 'ImageNotFound', 'RegistryRateLimited') order by id for no key update
  ), woken as (
    update site_conditions c set wakes = c.wakes + 1, due_at = now(), cause_id = $4 from waiting where c.id = waiting.id
    returning c.id, c.queue
  )
  select ${columns}, (select coalesce(json_agg(json_build_object('conditionId', woken.id, 'queue', woken.queue)), '[]'::json) from woken)
    as hints from saved`,
};

const list: Statement = {
  name: 'registries-list',
  text: `select ${columns} from registry_credentials order by registry`,
};

const find: Statement = {
  name: 'registries-find',
  text: `select ${columns} from registry_credentials where registry = $1`,
};

const findLogin: Statement = {
  name: 'registries-find-login',
  text: 'select login_enc from registry_credentials where registry = $1',
};

const remove: Statement = {
  name: 'registries-remove',
  text: `delete from registry_credentials where registry = $1 returning ${columns}`,
};

/** Stores the login of a registry in place of any former one. @returns it, and whom to hint: sites that waited for this registry */
export async function putRegistry(
  db: Database,
  { registry, username, loginEnc }: { registry: string; username: string; loginEnc: string },
  causeId: string,
): Promise<{ stored: ReadRegistry; hints: Hint[] }> {
  const [row] = await db.run<ReadRegistry & { hints: Hint[] }>(put, [registry, username, loginEnc, causeId]);
  if (!row) throw new Error(`registry ${registry} was not stored`);
  const { hints, ...stored } = row;
  return { stored, hints };
}

export async function listRegistries(db: Database): Promise<ReadRegistry[]> {
  return db.run<ReadRegistry>(list, []);
}

export async function findRegistry(db: Database, registry: string): Promise<ReadRegistry | undefined> {
  return (await db.run<ReadRegistry>(find, [registry]))[0];
}

/** The sealed login of a registry; undefined where images are pulled without one. */
export async function findRegistryLogin(db: Database, registry: string): Promise<string | undefined> {
  return (await db.run<{ login_enc: string }>(findLogin, [registry]))[0]?.login_enc;
}

/** @returns what was removed; undefined when there was nothing */
export async function removeRegistry(db: Database, registry: string): Promise<ReadRegistry | undefined> {
  return (await db.run<ReadRegistry>(remove, [registry]))[0];
}
