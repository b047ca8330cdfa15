import type { Database, Statement } from './database.ts';

/** $1 user */
const secret: Statement = { name: 'second-factors-secret', text: 'select secret from two_factors where user_id = $1' };

/** $1 user, $2 step: it and all before are used from now on. Of two who send the same code at once, one finds the row as it was. */
const use: Statement = {
  name: 'second-factors-use',
  text: `update two_factors set last_used_step = $2 where user_id = $1 and (last_used_step is null or last_used_step < $2) returning 1`,
};

/** The secret of a user's authenticator app, sealed as the sign-in library keeps it. */
export async function findSecondFactorSecret(db: Database, userId: string): Promise<string | undefined> {
  return (await db.run<{ secret: string }>(secret, [userId]))[0]?.secret;
}

/** Uses up the code of a step of 30 s, and those before. @returns whether nobody had used it */
export async function useSecondFactorStep(db: Database, userId: string, step: number): Promise<boolean> {
  return (await db.run(use, [userId, step])).length > 0;
}
