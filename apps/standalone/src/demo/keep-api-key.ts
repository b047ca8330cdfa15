import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Scope } from '@berth/contract/scopes';
import { hashOfApiKey, makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { createApiKey, findApiKey } from '@berth/shared/store/api-keys';
import type { Database } from '@berth/shared/store/database';

/** The API key kept in `file`, or a new one where there is none or where it was revoked. */
export async function keepApiKey(
  db: Database,
  file: string,
  { name, scopes }: { name: string; scopes: Scope[] },
): Promise<string> {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  if (kept && (await findApiKey(db, hashOfApiKey(kept)))) return kept;
  const { key, prefix, hash } = makeApiKey(systemChance);
  await createApiKey(db, { name, prefix, hash, scopes, expiresAt: null });
  writeFileSync(`${file}.draft`, `${key}\n`, { mode: 0o600 });
  renameSync(`${file}.draft`, file);
  return key;
}
