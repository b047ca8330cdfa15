import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { beginAudit, listAudit } from './audit.ts';
import { type Database, openDatabase } from './database.ts';

let made: TestDatabase;
let db: Database;
beforeAll(async () => {
  made = await makeTestDatabase();
  db = openDatabase({ url: made.url, max: 1 });
});
afterAll(async () => {
  await db?.close();
  await made?.drop();
});

const entry = {
  actorKind: 'user',
  actorId: null,
  actorName: 'anna',
  target: null,
  after: null,
  requestId: null,
  ipAddress: null,
} as const;

describe('listAudit', () => {
  test('tells the newest first, and each once from page to page, however many figures its number has', async () => {
    const wanted = Array.from({ length: 12 }, (_, n) => `change ${n + 1}`);
    for (const action of wanted) await beginAudit(db, { ...entry, action });
    const told: string[] = [];
    let before: number | undefined = 0;
    while (before !== undefined) {
      const page = await listAudit(db, {}, { before, limit: 5 });
      told.push(...page.entries.map(({ action }) => action));
      before = page.next;
    }
    expect(told).toEqual(wanted.toReversed());
  });
});
