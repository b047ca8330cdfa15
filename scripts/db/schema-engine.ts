import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

/** What Prisma's schema engine is asked for: the statements that lead from the migrations to schema.prisma. */
export interface SchemaEngine {
  /** @returns the SQL that is missing in the migrations; undefined when both agree */
  diff(): Promise<string | undefined>;
  free(): void;
}

/** Node has it; the types of Node 20 don't. */
const { instantiate } = (
  globalThis as unknown as {
    WebAssembly: {
      instantiate(
        wasm: Uint8Array,
        imports: Record<string, unknown>,
      ): Promise<{ instance: { exports: Record<string, unknown> } }>;
    };
  }
).WebAssembly;

const PRISMA = path.resolve('prisma');
const MIGRATIONS = path.join(PRISMA, 'migrations');
const SCHEMA = path.join(PRISMA, 'schema.prisma');
const LOCK_FILE = { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' };

/**
 * Prisma's schema engine in its WebAssembly build: the native one is a download that Prisma's command line would make, and
 * that works neither offline nor behind a registry alone.
 * @param url a Postgres where a shadow database may be made and dropped
 */
export async function loadSchemaEngine(url: string): Promise<SchemaEngine> {
  const panics = {
    message: '',
    set_message(message: string) {
      panics.message = message;
    },
    get: () => panics.message,
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });
  const home = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const wasm = readFileSync(path.join(home, 'schema_engine_bg.wasm'));
  const { instance } = await instantiate(wasm, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === 'function') start();
  const engine = await bindings.SchemaEngine.new({ datamodels: [[SCHEMA, schemaText()]] }, () => {}, makeAdapters(url));
  return {
    async diff() {
      const result = await engine.diff({
        from: { tag: 'migrations', ...listMigrations() },
        to: { tag: 'schemaDatamodel', files: [{ path: SCHEMA, content: schemaText() }] },
        script: true,
        exitCode: true,
        filters: { externalTables: [], externalEnums: [] },
      });
      return result.exitCode === 0 ? undefined : String(result.stdout);
    },
    free: () => engine.free(),
  };
}

function schemaText(): string {
  return readFileSync(SCHEMA, 'utf8');
}

function listMigrations() {
  const names = readdirSync(MIGRATIONS).filter((name) => statSync(path.join(MIGRATIONS, name)).isDirectory());
  return {
    baseDir: MIGRATIONS,
    shadowDbInitScript: '',
    lockfile: LOCK_FILE,
    migrationDirectories: names.sort().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

/** The adapter's own shadow database would be the real one (its connection string wins); this one is made and dropped. */
function makeAdapters(url: string): ReturnType<typeof bindMigrationAwareSqlAdapterFactory> {
  const main = new PrismaPg({ connectionString: url });
  return bindMigrationAwareSqlAdapterFactory({
    provider: main.provider,
    adapterName: main.adapterName,
    connect: async () => withCharColumns(await main.connect()),
    async connectToShadowDb() {
      const name = `berth_shadow_${randomUUID().replaceAll('-', '')}`;
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      await admin.query(`create database "${name}"`);
      const shadowUrl = new URL(url);
      shadowUrl.pathname = `/${name}`;
      const shadow = withCharColumns(await new PrismaPg({ connectionString: shadowUrl.href }).connect());
      const dispose = shadow.dispose.bind(shadow);
      shadow.dispose = async () => {
        await dispose();
        await admin.query(`drop database "${name}" with (force)`);
        await admin.end();
      };
      return shadow;
    },
  });
}

type Connection = Awaited<ReturnType<PrismaPg['connect']>>;

const INTERNAL_CHAR = 18;
const TEXT = 25;

interface Asked {
  charColumns?: number[];
}

/** The engine's introspection reads Postgres's internal one-byte `"char"`, which the adapter cannot map: it passes as text. */
function withCharColumns(connection: Connection): Connection {
  const inner = connection as unknown as {
    performIO(query: Asked): Promise<{ fields?: { dataTypeID: number }[] }>;
    queryRaw(query: Asked): Promise<{ columnTypes: unknown[] }>;
  };
  const performIO = inner.performIO.bind(connection);
  const queryRaw = inner.queryRaw.bind(connection);
  inner.performIO = async (query) => {
    const result = await performIO(query);
    query.charColumns = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== INTERNAL_CHAR) continue;
      field.dataTypeID = TEXT;
      query.charColumns.push(index);
    }
    return result;
  };
  inner.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of query.charColumns ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  return connection;
}
