import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';

/** "Database Schema" of the seed document, word for word, after the least that its foreign keys need. */
const SEED = `
CREATE TABLE customers (id UUID PRIMARY KEY DEFAULT gen_random_uuid());
CREATE TABLE orders (id UUID PRIMARY KEY DEFAULT gen_random_uuid());

CREATE TABLE customer_tunnels (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id UUID REFERENCES customers(id),
  order_id UUID REFERENCES orders(id),
  tunnel_id TEXT UNIQUE NOT NULL,
  tunnel_name TEXT NOT NULL,
  domain TEXT NOT NULL,
  port INTEGER NOT NULL,
  config_path TEXT NOT NULL,
  status TEXT DEFAULT 'pending',
  created_at TIMESTAMPTZ DEFAULT NOW(),
  updated_at TIMESTAMPTZ DEFAULT NOW()
);

CREATE INDEX idx_tunnels_customer ON customer_tunnels(customer_id);
CREATE INDEX idx_tunnels_domain ON customer_tunnels(domain);
CREATE INDEX idx_tunnels_port ON customer_tunnels(port);

CREATE TABLE customer_containers (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  customer_id UUID REFERENCES customers(id),
  container_id TEXT UNIQUE NOT NULL,
  container_name TEXT NOT NULL,
  image_name TEXT NOT NULL,
  port INTEGER NOT NULL,
  memory_limit TEXT DEFAULT '512m',
  cpu_limit TEXT DEFAULT '0.5',
  status TEXT DEFAULT 'running',
  last_health_check TIMESTAMPTZ,
  health_status TEXT DEFAULT 'healthy',
  created_at TIMESTAMPTZ DEFAULT NOW()
);`;

const TABLES = `table_schema = 'public' and table_name in ('customer_tunnels', 'customer_containers')`;

/** What the catalogue says of the two tables, one line a fact, so that a missing one is named by the failure. */
const CATALOGUE = {
  columns: `select concat_ws(' ', table_name || '.' || column_name, data_type, udt_name, character_maximum_length, numeric_precision,
      datetime_precision, 'nullable', is_nullable, 'default', coalesce(column_default, 'none'), 'generated', is_generated, is_identity) as fact
    from information_schema.columns where ${TABLES}`,
  constraints: `select concat_ws(' ', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) as fact from pg_constraint c
    where c.conrelid in ('customer_tunnels'::regclass, 'customer_containers'::regclass) and c.contype <> 'n'`,
  indexes: `select concat_ws(' ', indexname, indexdef) as fact from pg_indexes
    where schemaname = 'public' and tablename in ('customer_tunnels', 'customer_containers')`,
} as const;

type Catalogue = Record<keyof typeof CATALOGUE, string[]>;

async function readCatalogue(url: string, before = ''): Promise<Catalogue> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(before);
    const facts = async (query: string) =>
      (await client.query<{ fact: string }>(query)).rows.map((row) => row.fact).sort();
    return {
      columns: await facts(CATALOGUE.columns),
      constraints: await facts(CATALOGUE.constraints),
      indexes: await facts(CATALOGUE.indexes),
    };
  } finally {
    await client.end();
  }
}

describe("the seed's two tables", () => {
  const made: TestDatabase[] = [];
  let seed: Catalogue;
  let ours: Catalogue;

  beforeAll(async () => {
    made.push(await makeTestDatabase({ empty: true }), await makeTestDatabase());
    const [empty, migrated] = made;
    seed = await readCatalogue(empty?.url ?? '', SEED);
    ours = await readCatalogue(migrated?.url ?? '');
  });
  afterAll(() => Promise.all(made.map((one) => one.drop())));

  test('are read whole', () => {
    expect(seed.columns).toHaveLength(23);
    expect(seed.columns).toContain(
      "customer_containers.memory_limit text text nullable YES default '512m'::text generated NEVER NO",
    );
    expect(seed.constraints).toHaveLength(7);
    expect(seed.indexes).toHaveLength(7);
  });

  test('keep each column with its type, nullability and default of the database', () => {
    expect(ours.columns).toEqual(expect.arrayContaining(seed.columns));
  });

  test('keep each key, uniqueness and foreign key under its name', () => {
    expect(ours.constraints).toEqual(expect.arrayContaining(seed.constraints));
  });

  test('keep each index with its name and definition', () => {
    expect(ours.indexes).toEqual(expect.arrayContaining(seed.indexes));
  });

  test("refuse nothing that the seed's would take", () => {
    const columnOf = (fact: string) => fact.split(' ', 1)[0];
    const mandatory = ours.columns.filter((fact) => /nullable NO default none/.test(fact)).map(columnOf);
    expect(mandatory).toEqual(seed.columns.filter((fact) => /nullable NO default none/.test(fact)).map(columnOf));
    const checks = ours.constraints.filter((fact) => !seed.constraints.includes(fact));
    expect(checks.every((fact) => fact.includes('FOREIGN KEY'))).toBe(true);
  });
});
