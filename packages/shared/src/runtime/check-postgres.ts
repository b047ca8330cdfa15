import { type Check, fails, isOk, judgeClock, warns } from '../domain/checks.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Database } from '../store/database.ts';
import { readClockSkew, readServerFacts, type ServerFacts } from '../store/read-server.ts';
import type { Clock } from './clock.ts';

/** What the migrations need: `gen_random_uuid()` without an extension, and partitions. */
const POSTGRES_MIN = 13;
/** The oldest version that is still kept up by its makers. */
const POSTGRES_OLD = 14;
const NEARLY = 0.9;

/** Looks at Postgres as this process reaches it. */
export async function checkPostgres(db: Database, clock: Clock): Promise<Check[]> {
  try {
    const facts = await readServerFacts(db);
    const skewMs = await readClockSkew(db, () => clock.date().getTime());
    return [...judgePostgres(facts), judgeClock({ id: 'postgres.clock', title: "This process's clock" }, skewMs)];
  } catch (error) {
    const fix = 'check that Postgres runs, and DATABASE_URL';
    return [fails({ id: 'postgres.answers', title: 'Postgres answers' }, messageOf(error), fix)];
  }
}

/** How Postgres is, by what it says of itself. */
export function judgePostgres(facts: ServerFacts): Check[] {
  return [judgeVersion(facts), judgeMigrations(facts), judgeStandby(facts), judgeConnections(facts)];
}

function judgeVersion({ versionNumber, version }: ServerFacts): Check {
  const subject = { id: 'postgres.version', title: `Postgres ${POSTGRES_MIN} or later` };
  const major = Math.floor(versionNumber / 10_000);
  if (major < POSTGRES_MIN) return fails(subject, `it is ${version}`, 'update Postgres');
  return major < POSTGRES_OLD
    ? warns(subject, `${version} gets no more fixes`, 'update Postgres')
    : isOk(subject, version);
}

function judgeMigrations({ migrations, unfinished }: ServerFacts): Check {
  const subject = { id: 'postgres.migrations', title: 'All migrations are applied' };
  if (unfinished === null) return isOk(subject, `${migrations} are`);
  const fix = 'mend the database, then delete its row in _prisma_migrations';
  return fails(subject, `${unfinished} began and did not end: no process starts any more`, fix);
}

function judgeStandby({ isStandby }: ServerFacts): Check {
  const subject = { id: 'postgres.primary', title: 'Postgres can be written to' };
  if (!isStandby) return isOk(subject, 'it is the primary');
  return fails(subject, 'it is a standby: nothing can be written', 'let DATABASE_URL point to the primary');
}

function judgeConnections({ connections, maxConnections }: ServerFacts): Check {
  const subject = { id: 'postgres.connections', title: 'Postgres has connections to give' };
  const detail = `${connections} of ${maxConnections} are taken`;
  if (connections < NEARLY * maxConnections) return isOk(subject, detail);
  return warns(subject, detail, 'raise max_connections, or put a pooler before Postgres');
}
