import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startTemporaryPostgres } from '@berth/embedded-postgres/start-temporary-postgres';
import { loadSchemaEngine } from './db/schema-engine.ts';

const USAGE =
  'usage: npm run db:new -- <name>     (small letters, digits and underscores; …_expand when older code can live beside it)\n       npm run db:check\n';

const [command, name, ...surplus] = process.argv.slice(2);
const isNew = command === 'new' && name !== undefined && /^[a-z][a-z0-9_]{1,60}$/.test(name);
if (surplus.length > 0 || !(isNew || (command === 'check' && name === undefined))) {
  process.stderr.write(USAGE);
  process.exit(64);
}

const sql = await withEngine((engine) => engine.diff());
if (sql === undefined) {
  process.stdout.write('schema.prisma and the migrations agree\n');
} else if (isNew) {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const dir = path.join('prisma/migrations', `${stamp}_${name}`);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'migration.sql'), sql);
  process.stdout.write(`wrote ${dir}/migration.sql; read it before you commit it\n`);
} else {
  process.stderr.write(
    `schema.prisma and the migrations differ; \`npm run db:new -- <name>\` would write:\n\n${sql}\n`,
  );
  process.exitCode = 1;
}

async function withEngine<T>(work: (engine: Awaited<ReturnType<typeof loadSchemaEngine>>) => Promise<T>): Promise<T> {
  const postgres = await startTemporaryPostgres();
  try {
    const engine = await loadSchemaEngine(postgres.databaseUrl('postgres'));
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await postgres.stop();
  }
}
