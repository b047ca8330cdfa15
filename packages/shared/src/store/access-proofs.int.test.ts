import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { readAccessProof, withAccessProof } from './access-proofs.ts';
import { type Database, openDatabase } from './database.ts';

/** Of each process: fewer than there are sites that want the token at once. */
const CONNECTIONS = 2;

let made: TestDatabase;
const processes: Database[] = [];

beforeAll(async () => {
  made = await makeTestDatabase();
  for (let n = 0; n < 2; n += 1) processes.push(openDatabase({ url: made.url, max: CONNECTIONS }));
});
afterAll(async () => {
  for (const db of processes) await db.close();
  await made.drop();
});

describe('withAccessProof', () => {
  test('has a token made once, whoever wants it at once, with few connections', async () => {
    let tokens = 0;
    const tokenOf = (db: Database) =>
      withAccessProof(db, 'account', async (now, keep) => {
        if (now) return now.tokenId;
        tokens += 1;
        const tokenId = `token-${tokens}`;
        await keep.token({ tokenId, clientId: 'client', clientSecretEnc: 'sealed' });
        return tokenId;
      });
    const got = await Promise.all(Array.from({ length: 12 }, (_, n) => tokenOf(processes[n % 2] as Database)));
    expect(new Set(got)).toEqual(new Set(['token-1']));
  });

  test('goes on with the next one when one fails, and keeps what that one had made', async () => {
    const [db] = processes as [Database];
    const fail = withAccessProof(db, 'other', async (_now, keep) => {
      await keep.token({ tokenId: 'kept', clientId: 'client', clientSecretEnc: 'sealed' });
      throw new Error('no');
    });
    const next = withAccessProof(db, 'other', async (now) => now?.tokenId);
    await expect(fail).rejects.toThrow('no');
    expect(await next).toBe('kept');
    expect(await readAccessProof(db, 'other')).toMatchObject({ tokenId: 'kept', policyId: null });
  });
});
