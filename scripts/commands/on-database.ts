import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError, commonSettings, parseConfig } from '@berth/shared/runtime/config';
import { silentLog } from '@berth/shared/runtime/log';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { applyMigrations } from '@berth/shared/store/migrate';
import { z } from 'zod';

const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

/** The command line isn't understood; how it's used is said along. */
export class UsageError extends Error {}

const needed = { DATABASE_URL: commonSettings.DATABASE_URL };
type Needed = typeof needed;

/**
 * Runs a command of the administrator's on a migrated database, says what it gives, and sets the exit status: 64 for what isn't understood,
 * 78 for settings that are missing or wrong, 1 for what failed.
 */
export async function runOnDatabase<Shape extends z.ZodRawShape>(command: {
  usage: string;
  /** settings beside the database's */
  settings: Shape;
  /** what was asked for. @throws UsageError */
  parse(args: string[], settings: z.output<z.ZodObject<Needed & Shape>>): (db: Database) => Promise<string>;
}): Promise<void> {
  try {
    const settings = parseConfig(z.object({ ...needed, ...command.settings }), process.env);
    const url = parseConfig(z.object(needed), process.env).DATABASE_URL.reveal();
    const run = command.parse(process.argv.slice(2), settings as z.output<z.ZodObject<Needed & Shape>>);
    await applyMigrations({ url, log: silentLog });
    const db = openDatabase({ url, max: 1 });
    try {
      process.stdout.write(await run(db));
    } finally {
      await db.close();
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(command.usage);
    process.exitCode = error instanceof UsageError ? EXIT_USAGE : error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}

/** Words and options that take a text. @throws UsageError for any other */
export function wordsOf<Name extends string>(
  args: string[],
  names: readonly Name[],
): { words: string[]; options: Partial<Record<Name, string>> } {
  const options: ParseArgsConfig['options'] = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  try {
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    return { words: positionals, options: values as Partial<Record<Name, string>> };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
