import type { PoolClient } from 'pg';
import { BerthError } from '../errors/berth-error.ts';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { hashOfLinkToken, type User } from './users.ts';
import { isUuid } from './uuid.ts';

/** Somebody who signs in, with how their account stands. */
export interface ReadUser {
  id: string;
  email: string;
  name: string;
  role: User['role'];
  language: User['language'];
  disabled: boolean;
  hasPassword: boolean;
  hasSecondFactor: boolean;
  sessions: number;
  lastSignedInAt: string | null;
  createdAt: string;
}

export interface UserWish {
  name?: string | undefined;
  role?: Exclude<User['role'], 'customer'> | undefined;
  disabled?: boolean | undefined;
}

const COLUMNS = `u.id, u.email, u.name, u.role, u.language, coalesce(u.banned, false) as disabled,
  exists (select from accounts a where a.user_id = u.id and a.password is not null) as "hasPassword",
  coalesce(u.two_factor_enabled, false) as "hasSecondFactor",
  (select count(*)::int from sessions x where x.user_id = u.id and x.expires_at > now() and x.impersonated_by is null) as sessions,
  (select ${iso('max(x.created_at)')} from sessions x where x.user_id = u.id and x.impersonated_by is null) as "lastSignedInAt",
  ${iso('u.created_at')} as "createdAt"`;

const list: Statement = {
  name: 'operators-list',
  text: `select ${COLUMNS} from users u where u.role <> 'customer' order by u.created_at, u.id`,
};
const byId: Statement = { name: 'operators-by-id', text: `select ${COLUMNS} from users u where u.id = $1` };

/** $1 address, $2 name, $3 role, $4 language. Who was a customer until now begins anew: no session and no link of theirs goes on. */
const add: Statement = {
  name: 'operators-add',
  text: `insert into users (email, name, role, language, email_verified) values ($1, $2, $3, $4, true)
  on conflict (email) do update set name = $2, role = $3, language = $4, updated_at = now() where users.role = 'customer'
  returning id`,
};
const forget: Statement = {
  name: 'operators-forget',
  text: `with gone as (delete from sessions where user_id = $1)
  delete from verifications where value like '%"email":' || to_json($2::text)::text || '%' or identifier = 'sign-in-otp-' || $2`,
};

/** All who run Berth, the first one first. */
export async function listOperators(db: Database): Promise<ReadUser[]> {
  return db.run<ReadUser & Record<string, unknown>>(list, []);
}

export async function findUser(db: Pick<Database, 'run'>, id: string): Promise<ReadUser | undefined> {
  if (!isUuid(id)) return undefined;
  return (await db.run<ReadUser & Record<string, unknown>>(byId, [id]))[0];
}

/** Adds somebody who shall run Berth. @returns the id. @throws BerthError `user.exists` */
export async function addOperator(
  db: Database,
  wish: { email: string; name: string; role: Exclude<User['role'], 'customer'>; language: User['language'] },
): Promise<string> {
  const email = wish.email.toLowerCase();
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string }>({
      ...add,
      values: [email, wish.name, wish.role, wish.language],
    });
    const id = rows[0]?.id;
    if (!id) throw new BerthError('user.exists', `${email} has a role already`);
    await client.query({ ...forget, values: [id, email] });
    return id;
  });
}

/**
 * Changes somebody who runs Berth; whose role changes or who is disabled is signed out everywhere.
 * @throws BerthError `user.not-found`, `user.last-admin`
 */
export async function changeOperator(db: Database, id: string, wish: UserWish): Promise<void> {
  if (!isUuid(id)) throw new BerthError('user.not-found', `there is no user ${id}`);
  await db.transaction(async (client) => {
    // Two who demote each other at once must not both find the other one still there.
    await client.query(`select pg_advisory_xact_lock(726014)`);
    const { rowCount } = await client.query(
      `update users set name = coalesce($2, name), role = coalesce($3, role), banned = coalesce($4, banned), updated_at = now()
      where id = $1 and role <> 'customer'`,
      [id, wish.name ?? null, wish.role ?? null, wish.disabled ?? null],
    );
    if (rowCount === 0) throw new BerthError('user.not-found', `there is no user ${id}`);
    if (wish.role === undefined && wish.disabled === undefined) return;
    await mustHaveAdmin(client);
    await client.query('delete from sessions where user_id = $1', [id]);
  });
}

async function mustHaveAdmin(client: PoolClient): Promise<void> {
  const { rowCount } = await client.query(
    `select from users where role = 'admin' and not coalesce(banned, false) limit 1`,
  );
  if (rowCount === 0) throw new BerthError('user.last-admin', 'then nobody would be an admin any more');
}

/** Has a link with this token invite somebody; former invitations work no more. @returns until when */
export async function storeInvitation(
  db: Database,
  { userId, token, validMs }: { userId: string; token: string; validMs: number },
): Promise<string> {
  return db.transaction(async (client) => {
    await client.query(`delete from verifications where identifier like 'invitation:%' and value = $1`, [userId]);
    const { rows } = await client.query<{ expiresAt: string }>(
      `insert into verifications (identifier, value, expires_at) values ($1, $2, now() + $3::float8 * interval '1 ms')
      returning ${iso('expires_at')} as "expiresAt"`,
      [`invitation:${hashOfLinkToken(token)}`, userId, validMs],
    );
    return rows[0]?.expiresAt ?? '';
  });
}

/**
 * Takes an invitation, once: its password counts from now on, a former second factor and all sessions don't any more.
 * @returns the address; undefined when it doesn't work (any more)
 */
export async function takeInvitation(
  db: Database,
  { token, passwordHash }: { token: string; passwordHash: string },
): Promise<string | undefined> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ id: string; email: string }>(
      `with taken as (delete from verifications where identifier = $1 and expires_at > now() returning value)
      select u.id, u.email from taken join users u on u.id::text = taken.value
      where u.role <> 'customer' and not coalesce(u.banned, false) for update of u`,
      [`invitation:${hashOfLinkToken(token)}`],
    );
    const [user] = rows;
    if (!user) return undefined;
    await client.query('delete from sessions where user_id = $1', [user.id]);
    await client.query('delete from two_factors where user_id = $1', [user.id]);
    await client.query(`delete from accounts where user_id = $1 and provider_id = 'credential'`, [user.id]);
    await client.query(
      `insert into accounts (user_id, account_id, provider_id, password) values ($1::uuid, $1::uuid::text, 'credential', $2)`,
      [user.id, passwordHash],
    );
    await client.query('update users set two_factor_enabled = false, updated_at = now() where id = $1', [user.id]);
    return user.email;
  });
}

/** Whether an invitation of this token can be taken. */
export async function isInvited(db: Database, token: string): Promise<boolean> {
  const rows = await db.run(
    { name: 'operators-invited', text: 'select 1 from verifications where identifier = $1 and expires_at > now()' },
    [`invitation:${hashOfLinkToken(token)}`],
  );
  return rows.length > 0;
}
