import pg from 'pg';

/** A statement with a name, so that Postgres plans it once per connection. */
export interface Statement {
  name: string;
  text: string;
}

/** One process's way to Postgres: a pool, and named statements. */
export interface Database {
  readonly pool: pg.Pool;
  /** Runs one named statement; deadlocks and serialization failures are tried again, since one statement is all or nothing. */
  run<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** Runs `work` in one transaction on one connection; tried again as a whole on a deadlock. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface DatabaseOptions {
  url: string;
  /** connections at most */
  max?: number;
  /** A server that says nothing for so long is taken for lost: the statement fails, and its connection is given up. */
  queryTimeoutMs?: number;
  /** Told of errors of idle connections; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

const RETRYABLE = new Set(['40P01', '40001']);
const TRIES = 5;
/** As long as a lease: who waits longer for an answer has lost it anyway. */
const QUERY_TIMEOUT_MS = 30_000;

/** Opens a pool on `url`; nothing is asked of the server until the first statement. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, max = 10, queryTimeoutMs = QUERY_TIMEOUT_MS, onIdleError } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: queryTimeoutMs,
    // Prisma reads a time as if it were of UTC, whatever the server wrote behind it; and a day has 24 hours there.
    onConnect: (client) => client.query(`set time zone 'UTC'`),
  });
  pool.on('error', (error) => onIdleError?.(error));
  return {
    pool,
    run: async <Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]) =>
      retrying(async () => (await pool.query<Row>({ ...statement, values: [...values] })).rows),
    transaction: (work) => retrying(() => inTransaction(pool, work)),
    close: async () => {
      if (!pool.ended) await pool.end();
    },
  };
}

async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Between two statements nobody else hears that the connection broke, and what nobody hears ends the process.
  const onBroken = (error: Error) => {
    broken = error;
  };
  client.on('error', onBroken);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((failed: Error) => {
      broken = failed;
    });
    throw error;
  } finally {
    if (!broken) client.off('error', onBroken);
    client.release(broken);
  }
}

async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= TRIES || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
    }
  }
}

/** The SQLSTATE of a failed statement, `23505` for a broken uniqueness; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** The constraint or index that a failed statement would have broken. */
export function violatedConstraint(error: unknown): string | undefined {
  if (error instanceof Error && 'constraint' in error && typeof error.constraint === 'string') return error.constraint;
  return undefined;
}
