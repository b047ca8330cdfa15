import pg from 'pg';

/** The server's superuser. */
export const USER = 'berth';

/** Resolves as soon as the server at `url` answers; rejects with the last failure after `timeoutMs`, or as soon as `ended` says so. */
export async function waitUntilAnswering(
  url: string,
  timeoutMs: number,
  ended: () => Error | undefined,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const failure = await tryOnce(url);
    if (!failure) return;
    const end = ended();
    if (end) throw end;
    if (performance.now() > deadline) throw failure;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function tryOnce(url: string): Promise<Error | undefined> {
  return withClient(url, async (client) => {
    await client.query('select 1');
    return undefined;
  }).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

/** Makes the database `name` when it is missing; two at once are fine. */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount) return;
    await client.query(`create database ${pg.escapeIdentifier(name)}`).catch((error: unknown) => {
      const made = error instanceof Error && 'code' in error && (error.code === '42P04' || error.code === '23505');
      if (!made) throw error;
    });
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
