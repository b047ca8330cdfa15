import type { Database, Statement } from './database.ts';

/** The service token by which Berth's own looks go through an account's Access. */
export interface AccessProof {
  tokenId: string;
  clientId: string;
  clientSecretEnc: string;
  /** of the policy that lets it pass; null: not made yet */
  policyId: string | null;
}

const read: Statement = {
  name: 'access-proofs-read',
  text: `select token_id as "tokenId", client_id as "clientId", client_secret_enc as "clientSecretEnc", policy_id as "policyId"
  from access_proofs where account_id = $1`,
};

const ensureAccount: Statement = {
  name: 'access-proofs-ensure-account',
  text: 'insert into cloudflare_accounts (id) values ($1) on conflict (id) do nothing',
};

const putToken: Statement = {
  name: 'access-proofs-put-token',
  text: `insert into access_proofs (account_id, token_id, client_id, client_secret_enc) values ($1, $2, $3, $4)
  on conflict (account_id) do update set token_id = excluded.token_id, client_id = excluded.client_id,
    client_secret_enc = excluded.client_secret_enc`,
};

const putPolicy: Statement = {
  name: 'access-proofs-put-policy',
  text: 'update access_proofs set policy_id = $2 where account_id = $1',
};

/** Held while an account's token is made. $1 account */
const lock: Statement = {
  name: 'access-proofs-lock',
  text: `select pg_advisory_xact_lock(726010, hashtext($1))`,
};

export async function readAccessProof(db: Database, accountId: string): Promise<AccessProof | undefined> {
  return (await db.run<AccessProof>(read, [accountId]))[0];
}

/** Stores what was just made of it, at once: what follows may fail. */
export type KeepAccessProof = <T extends Omit<AccessProof, 'policyId'> | Pick<AccessProof, 'policyId'>>(
  made: T,
) => Promise<T>;

/** Who waits for the lock holds a connection, and who has it needs another one: of a process one at a time asks for it. */
const lines = new WeakMap<Database['pool'], Promise<unknown>>();

type Make<T> = (now: AccessProof | undefined, keep: KeepAccessProof) => Promise<T>;

/** Does what makes an account's token or policy, one at a time. @param make gets what there is by now */
export function withAccessProof<T>(db: Database, accountId: string, make: Make<T>): Promise<T> {
  const before = lines.get(db.pool);
  const own = (async () => {
    await before;
    await db.run(ensureAccount, [accountId]);
    return makeLocked(db, accountId, make);
  })();
  lines.set(
    db.pool,
    own.catch(() => undefined),
  );
  return own;
}

function makeLocked<T>(db: Database, accountId: string, make: Make<T>): Promise<T> {
  return db.transaction(async (client) => {
    await client.query({ ...lock, values: [accountId] });
    return make(await readAccessProof(db, accountId), async (made) => {
      if ('tokenId' in made) await db.run(putToken, [accountId, made.tokenId, made.clientId, made.clientSecretEnc]);
      else await db.run(putPolicy, [accountId, made.policyId]);
      return made;
    });
  });
}
