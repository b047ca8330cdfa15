import { createHash } from 'node:crypto';
import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';

/** Who signs in. */
export interface User {
  id: string;
  email: string;
  name: string;
  role: 'customer' | 'viewer' | 'operator' | 'admin';
  language: 'en' | 'de';
  isDisabled: boolean;
  hasSecondFactor: boolean;
}

/** A customer whom somebody may see, because the address is theirs. */
export interface OwnCustomer {
  id: string;
  externalId: string;
  name: string;
  language: 'en' | 'de';
  notify: boolean;
}

const COLUMNS = `id, email, name, role, language, coalesce(banned, false) as "isDisabled",
  coalesce(two_factor_enabled, false) as "hasSecondFactor"`;

const byEmail: Statement = { name: 'users-by-email', text: `select ${COLUMNS} from users where email = $1` };

/** Who signs in by mail has an account as long as a customer has the address. $1 address */
const ensureCustomer: Statement = {
  name: 'users-ensure-customer',
  text: `insert into users (email, name, language, email_verified)
  select lower(email), name, language, true from customers where lower(email) = $1 and email <> '' order by created_at desc limit 1
  on conflict (email) do update set language = case when users.role = 'customer' then excluded.language else users.language end
  returning ${COLUMNS}`,
};

/** $1 address */
const customers: Statement = {
  name: 'users-customers',
  text: `select id, external_id as "externalId", name, language, notify from customers
  where lower(email) = $1 and email <> '' order by created_at, id`,
};

/** $1 address, $2 name, $3 role, $4 language */
const create: Statement = {
  name: 'users-create',
  text: `insert into users (email, name, role, language, email_verified) values ($1, $2, $3, $4, true)
  on conflict (email) do nothing returning ${COLUMNS}`,
};

/** $1 identifier, $2 value, $3 ms */
const verify: Statement = {
  name: 'users-verification',
  text: `insert into verifications (identifier, value, expires_at) values ($1, $2, now() + $3::float8 * interval '1 ms')
  returning ${iso('expires_at')} as "expiresAt"`,
};

const emailOfCustomer: Statement = {
  name: 'users-email-of-customer',
  text: 'select email from customers where external_id = $1',
};

export async function findUserByEmail(db: Database, email: string): Promise<User | undefined> {
  return (await db.run<User & Record<string, unknown>>(byEmail, [email.toLowerCase()]))[0];
}

/** The account of whoever has this address at a customer; made where there is none yet. */
export async function ensureCustomerUser(db: Database, email: string): Promise<User | undefined> {
  return (await db.run<User & Record<string, unknown>>(ensureCustomer, [email.toLowerCase()]))[0];
}

/** The customers with this address, the oldest first. */
export async function listOwnCustomers(db: Database, email: string): Promise<OwnCustomer[]> {
  return db.run<OwnCustomer & Record<string, unknown>>(customers, [email.toLowerCase()]);
}

/** @returns undefined when somebody has the address */
export async function createUser(
  db: Database,
  user: Pick<User, 'email' | 'name' | 'role' | 'language'>,
): Promise<User | undefined> {
  const values = [user.email.toLowerCase(), user.name, user.role, user.language];
  return (await db.run<User & Record<string, unknown>>(create, values))[0];
}

/** How a token of a link is known: as better-auth's magic links are, by SHA-256 in base64url. */
export function hashOfLinkToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Has a link with this token sign somebody in, once. @returns until when */
export async function storeSignInLink(
  db: Database,
  { email, token, validMs }: { email: string; token: string; validMs: number },
): Promise<string> {
  const value = JSON.stringify({ type: 'magic-link', email: email.toLowerCase() });
  const rows = await db.run<{ expiresAt: string }>(verify, [`magic-link:${hashOfLinkToken(token)}`, value, validMs]);
  return rows[0]?.expiresAt ?? '';
}

/** The address of a customer by the order system's id; undefined when there is no such customer or no address. */
export async function findCustomerEmail(db: Database, externalId: string): Promise<string | undefined> {
  const [row] = await db.run<{ email: string }>(emailOfCustomer, [externalId]);
  return row?.email || undefined;
}
