import { type Scope, scopes } from '@berth/contract/scopes';
import { makeApiKey } from '@berth/shared/runtime/api-key';
import { systemChance } from '@berth/shared/runtime/chance';
import { systemClock } from '@berth/shared/runtime/clock';
import { createApiKey, listApiKeys, revokeApiKey } from '@berth/shared/store/api-keys';
import type { Database } from '@berth/shared/store/database';
import { runOnDatabase, UsageError, wordsOf } from './commands/on-database.ts';

const USAGE = `usage:
  npm run key -- create --name NAME [--scopes ${scopes.join(',')}] [--days N]
  npm run key -- list
  npm run key -- revoke ID
`;
const DAY_MS = 86_400_000;

await runOnDatabase({ usage: USAGE, settings: {}, parse });

/** What was asked for. @throws UsageError */
function parse(args: string[]): (db: Database) => Promise<string> {
  const { words, options } = wordsOf(args, ['name', 'scopes', 'days']);
  const [verb, id, ...surplus] = words;
  if (surplus.length > 0) throw new UsageError(`${surplus.join(' ')}: not understood`);
  switch (verb) {
    case 'create': {
      const name = options.name?.trim() ?? '';
      if (name === '' || name.length > 100)
        throw new UsageError('--name: say what the key is for, in up to 100 characters');
      return (db) => create(db, name, parseScopes(options.scopes), parseDays(options.days));
    }
    case 'list':
      return list;
    case 'revoke':
      if (!id || !/^[0-9a-f-]{36}$/.test(id))
        throw new UsageError('revoke takes the id of a key (npm run key -- list)');
      return (db) => revoke(db, id);
    default:
      throw new UsageError(verb === undefined ? 'say what to do' : `${verb}: not understood`);
  }
}

function parseScopes(text = 'orders:write,sites:read'): Scope[] {
  return text.split(',').map((word) => {
    const scope = scopes.find((one) => one === word.trim());
    if (!scope) throw new UsageError(`--scopes: ${word.trim()} is none of ${scopes.join(', ')}`);
    return scope;
  });
}

function parseDays(text: string | undefined): Date | null {
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError('--days takes a whole number from 1 to 9999');
  return new Date(systemClock.date().getTime() + Number(text) * DAY_MS);
}

async function create(db: Database, name: string, allowed: Scope[], expiresAt: Date | null): Promise<string> {
  const { key, prefix, hash } = makeApiKey(systemChance);
  await createApiKey(db, { name, prefix, hash, scopes: allowed, expiresAt });
  process.stderr.write(`${name}: ${allowed.join(', ')}. The key is shown this once:\n`);
  return `${key}\n`;
}

async function list(db: Database): Promise<string> {
  const keys = await listApiKeys(db);
  const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? '-';
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.name,
    key.scopes.join(','),
    day(key.createdAt),
    day(key.lastUsedAt),
    key.revokedAt ? `revoked ${day(key.revokedAt)}` : key.expiresAt ? `until ${day(key.expiresAt)}` : 'valid',
  ]);
  const lines = [['ID', 'KEY', 'NAME', 'SCOPES', 'CREATED', 'USED', 'STATE'], ...rows];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

async function revoke(db: Database, id: string): Promise<string> {
  if (!(await revokeApiKey(db, id, systemClock.date()))) throw new Error(`there is no valid key ${id}`);
  return `revoked ${id}; it stops working within 5 seconds\n`;
}
