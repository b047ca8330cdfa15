import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

const entries = {
  standalone: 'apps/standalone/src/main.ts',
  api: 'services/api/src/main.ts',
  'domain-watcher': 'services/domain-watcher/src/main.ts',
  'container-worker': 'services/container-worker/src/main.ts',
  'health-worker': 'services/health-worker/src/main.ts',
  'tunnel-worker': 'services/tunnel-worker/src/main.ts',
  notifier: 'services/notifier/src/main.ts',
} as const;

/** Runs an entry until it ends by itself, and all that it said was read. */
function run(entry: string, environment: Record<string, string>): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', entry], {
    cwd: new URL('..', import.meta.url).pathname,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, said })));
}

describe('a process', () => {
  test.each(Object.entries(entries))(
    '%s names every variable that is missing or wrong, and ends with 78',
    async (name, entry) => {
      const { status, said } = await run(entry, {
        DATABASE_URL: 'mysql://x',
        BERTH_SECRETS_KEY: 'short',
        CF_ACCOUNT_ID: 'x',
      });
      expect(status, said).toBe(78);
      expect(said).toContain('DATABASE_URL: must be a URL beginning with postgresql://');
      expect(said).toContain('BERTH_SECRETS_KEY: must be 32 bytes in base64');
      if (name === 'standalone') {
        expect(said).toContain('CF_API_TOKEN: is required');
        expect(said.match(/BERTH_SECRETS_KEY/g)?.length).toBe(1);
      }
      expect(said).not.toContain('at Object');
    },
  );

  test.each(Object.entries(entries))(
    '%s without its database says so in one line, and ends with 69',
    async (_, entry) => {
      const { status, said } = await run(entry, {
        ...world.environment,
        DATABASE_URL: 'postgresql://127.0.0.1:1/none',
        DATABASE_WAIT_SECONDS: '1',
      });
      expect(status, said).toBe(69);
      expect(said).toContain('does not start: connecting to the database: connect ECONNREFUSED 127.0.0.1:1');
      expect(said).not.toContain('    at ');
    },
  );

  test('whose key opens none of the secrets that are there says so, and ends with 78', async () => {
    const other = await openWorld();
    const api = serviceProcess('api', entries.api, { ...other.environment, API_PORT: '18444' });
    await api.start();
    const client = await other.client('http://127.0.0.1:18444');
    await client.order({ orderId: 'sealed', domain: 'sealed.de', customer: { id: 'sealed' } });
    expect(await api.stop()).toBe(0);
    const key = Buffer.alloc(32, 3).toString('base64');
    const { status, said } = await run(entries.notifier, { ...other.environment, BERTH_SECRETS_KEY: key });
    expect(status, said).toBe(78);
    expect(said).toContain('notifier does not start: BERTH_SECRETS_KEY lacks the key ');
    const both = { ...other.environment, BERTH_SECRETS_KEY: `${key},${other.environment.BERTH_SECRETS_KEY}` };
    const notifier = serviceProcess('notifier', entries.notifier, both);
    await notifier.start();
    expect(await notifier.stop()).toBe(0);
    await other.close();
  });

  test('standalone serves all, and ends with 0 when it is told to in the middle of its work', async () => {
    const services = serviceProcess('standalone', entries.standalone, { ...world.environment, API_PORT: '18442' });
    await services.start();
    const api = await world.client('http://127.0.0.1:18442');
    for (let n = 0; n < 5; n += 1) {
      await api.order({ orderId: `stop${n}`, domain: `stop-${n}.de`, customer: { id: `stop${n}` } });
    }
    await until('something is under way', async () => {
      const { rows } = await world.db.pool.query(`select count(*)::int as n from placements`);
      return rows[0].n > 0;
    });
    expect(await services.stop()).toBe(0);
    const { rows } = await world.db.pool.query(
      'select count(*)::int as n from site_conditions where lease_until > now()',
    );
    expect(rows[0].n, 'nothing is held by a process that has ended').toBe(0);
    await services.start();
    for (let n = 0; n < 5; n += 1) await api.untilState(`stop${n}`, 'online');
    expect(await services.stop()).toBe(0);
    const lines = services.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines)
      expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String), msg: expect.any(String) });
  });

  test('that finds its port taken says so and ends with 1', async () => {
    const first = serviceProcess('api', entries.api, { ...world.environment, API_PORT: '18443' });
    await first.start();
    const { status, said } = await run(entries.api, { ...world.environment, API_PORT: '18443' });
    expect(status).toBe(1);
    expect(said).toContain('API_PORT: 127.0.0.1:18443 is in use by another program');
    expect(await first.stop()).toBe(0);
  });

  test('starts all services at once on an empty database, and migrates it once', async () => {
    const other = await openWorld();
    const { name } = (await other.db.pool.query('select current_database() as name')).rows[0];
    await other.db.pool.query(`do $$ declare name text; begin
      for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
        execute format('drop schema %I cascade', name);
      end loop;
    end $$; create schema public`);
    const services = Object.entries(entries)
      .slice(1)
      .map(([service, entry]) => serviceProcess(service, entry, other.environment));
    await Promise.all(services.map((service) => service.start()));
    const { rows } = await other.db.pool.query(
      'select migration_name, count(*)::int as n from _prisma_migrations group by 1',
    );
    expect(name).toMatch(/^test_/);
    for (const row of rows) expect(row.n).toBe(1);
    expect(rows.length).toBeGreaterThan(0);
    expect(await Promise.all(services.map((service) => service.stop()))).toEqual(services.map(() => 0));
    await other.close();
  });
});
