import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startTemporaryPostgres } from '@berth/embedded-postgres/start-temporary-postgres';
import { MIGRATION_NAME, nameMigration } from './db/migration-name.ts';
import { loadSchemaEngine } from './db/schema-engine.ts';

const USAGE = `usage: npm run db:check                   do schema.prisma and the migrations agree?
       npm run db:new -- <name>           write the migration that makes them agree
       npm run db:new -- <name> --empty   an empty one, for what schema.prisma can't say
A name is of small letters, digits and underscores, and ends with _expand when older code can live beside it (docs/database.md).
`;

const MIGRATIONS = 'prisma/migrations';

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const wish = readWish();
  if (wish === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = 64;
  } else if (wish.command === 'check') {
    reportDrift(await findDrift());
  } else {
    const sql = wish.empty ? '' : await findDrift();
    if (sql === undefined) process.stdout.write('schema.prisma and the migrations agree; nothing was written\n');
    else writeMigration(wish.name, sql);
  }
}

function readWish(): { command: 'check' } | { command: 'new'; name: string; empty: boolean } | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { empty: { type: 'boolean', default: false } },
    });
    const [command, name, ...surplus] = positionals;
    if (surplus.length > 0) return undefined;
    if (command === 'check' && name === undefined && !values.empty) return { command };
    if (command === 'new' && name && MIGRATION_NAME.test(name)) return { command, name, empty: values.empty };
  } catch {
    // an unknown option: the usage says which there are
  }
  return undefined;
}

function reportDrift(sql: string | undefined): void {
  if (sql === undefined) {
    process.stdout.write('schema.prisma and the migrations agree\n');
    return;
  }
  process.stderr.write(
    `schema.prisma and the migrations differ; \`npm run db:new -- <name>\` would write:\n\n${sql}\n`,
  );
  process.exitCode = 1;
}

function writeMigration(name: string, sql: string): void {
  const dir = path.join(MIGRATIONS, nameMigration(name, new Date(), readdirSync(MIGRATIONS)));
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'migration.sql'), sql);
  process.stdout.write(`wrote ${dir}/migration.sql; read it before you commit it\n`);
}

/** The SQL that is missing in the migrations, found on a Postgres that is started for it. */
async function findDrift(): Promise<string | undefined> {
  const postgres = await startTemporaryPostgres();
  try {
    const engine = await loadSchemaEngine(postgres.databaseUrl('postgres'));
    try {
      return await engine.diff();
    } finally {
      engine.free();
    }
  } finally {
    await postgres.stop();
  }
}
