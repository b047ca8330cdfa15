import { PrismaPg } from '@prisma/adapter-pg';
import type { Database } from './database.ts';
import { PrismaClient } from './generated/client.ts';

const opened = new WeakMap<Database['pool'], PrismaClient>();

/**
 * Prisma's models over the pool of a database, which end with it. Apart from the database itself: most processes do without, and the models take
 * more memory than all that such a process does.
 */
export function modelsOf({ pool }: Pick<Database, 'pool'>): PrismaClient {
  const known = opened.get(pool) ?? new PrismaClient({ adapter: new PrismaPg(pool) });
  opened.set(pool, known);
  return known;
}
