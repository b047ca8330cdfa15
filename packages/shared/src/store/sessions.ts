import type { Database, Statement } from './database.ts';
import { iso } from './iso-time.ts';
import { isUuid } from './uuid.ts';

/** A session as its owner sees it: never its token. */
export interface ReadSession {
  id: string;
  signedInBy: 'link' | 'code' | 'password' | 'second-factor' | 'impersonation';
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: string;
  expiresAt: string;
}

const COLUMNS = `id, signed_in_by as "signedInBy", ip_address as "ipAddress", user_agent as "userAgent",
  ${iso('created_at')} as "createdAt", ${iso('expires_at')} as "expiresAt"`;

/** $1 user. What an admin looks at with the user's eyes is the admin's. */
const list: Statement = {
  name: 'sessions-list',
  text: `select ${COLUMNS} from sessions where user_id = $1 and expires_at > now() and impersonated_by is null order by created_at desc, id desc`,
};

/** $1 user, $2 session or null for all, $3 session that stays or null. What an admin looks at with a customer's eyes ends with it: no list shows that. */
const remove: Statement = {
  name: 'sessions-remove',
  text: `with own as (delete from sessions where user_id = $1 and ($2::uuid is null or id = $2::uuid) and ($3::uuid is null or id <> $3::uuid)
    and (impersonated_by is null or $2::uuid is null) returning *),
  looks as (delete from sessions where impersonated_by = $1::uuid::text and exists (select from own))
  select ${COLUMNS} from own`,
};

/** $1 user, $2 session that stays */
const removeWithoutSecondFactor: Statement = {
  name: 'sessions-remove-without-second-factor',
  text: `delete from sessions where user_id = $1 and signed_in_by = 'password' and id <> $2`,
};

/** $1 user */
const admin: Statement = {
  name: 'sessions-of-admin',
  text: `select 1 from users u where id = $1 and role = 'admin' and not coalesce(banned, false)
  and exists (select from sessions s where s.user_id = u.id and s.expires_at > now() and s.impersonated_by is null)`,
};

/** The sessions of a user that count, the newest first. */
export async function listSessions(db: Database, userId: string): Promise<ReadSession[]> {
  return db.run<ReadSession & Record<string, unknown>>(list, [userId]);
}

/** Ends one session of a user. @returns it; undefined when the user has none such */
export async function endSession(db: Database, userId: string, sessionId: string): Promise<ReadSession | undefined> {
  if (!isUuid(sessionId)) return undefined;
  return (await db.run<ReadSession & Record<string, unknown>>(remove, [userId, sessionId, null]))[0];
}

/** Ends all sessions of a user. @param except stays @returns how many */
export async function endSessions(db: Database, userId: string, except: string | null): Promise<number> {
  return (await db.run(remove, [userId, null, except])).length;
}

/** Ends those of a user that began by a password alone. @param except stays */
export async function endSessionsWithoutSecondFactor(db: Database, userId: string, except: string): Promise<void> {
  await db.run(removeWithoutSecondFactor, [userId, except]);
}

/** Whether a user is an admin, and signed in: only then they go on seeing what a customer sees. */
export async function isSignedInAdmin(db: Database, userId: string): Promise<boolean> {
  return isUuid(userId) && (await db.run(admin, [userId])).length > 0;
}
