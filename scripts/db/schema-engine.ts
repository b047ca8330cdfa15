import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { mendConnection } from './mended-connection.ts';

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
 * that works neither offline nor behind a registry alone. It can be loaded once in a process.
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
    connect: async () => mendConnection(await main.connect()),
    async connectToShadowDb() {
      const name = `berth_shadow_${randomUUID().replaceAll('-', '')}`;
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      await admin.query(`create database "${name}"`);
      const shadowUrl = new URL(url);
      shadowUrl.pathname = `/${name}`;
      const shadow = mendConnection(await new PrismaPg({ connectionString: shadowUrl.href }).connect());
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
