import type { Database, Statement } from './database.ts';
import { modelsOf } from './models.ts';

/** A key as it is known: never the key itself. */
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

const find: Statement = {
  name: 'api-keys-find',
  text: `select id, name, scopes from api_keys
  where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
};

/** At most once a minute, so that each request doesn't cost a write. */
const touch: Statement = {
  name: 'api-keys-touch',
  text: `update api_keys set last_used_at = now()
  where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
};

/** A key that may be used now, by the hash of it. */
export async function findApiKey(
  db: Database,
  hash: string,
): Promise<{ id: string; name: string; scopes: string[] } | undefined> {
  const [row] = await db.run<{ id: string; name: string; scopes: string[] }>(find, [hash]);
  if (row) await db.run(touch, [row.id]);
  return row;
}

/** Stores a new key by its hash. */
export async function createApiKey(
  db: Database,
  key: { name: string; hash: string; prefix: string; scopes: string[]; expiresAt: Date | null },
): Promise<string> {
  return (await modelsOf(db).apiKey.create({ data: key })).id;
}

/** All keys, the newest first. */
export async function listApiKeys(db: Database): Promise<ApiKey[]> {
  return modelsOf(db).apiKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], omit: { hash: true } });
}

/** @returns false when there is no such key, or it was revoked before */
export async function revokeApiKey(db: Database, id: string, now: Date): Promise<boolean> {
  const { count } = await modelsOf(db).apiKey.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: now },
  });
  return count === 1;
}
