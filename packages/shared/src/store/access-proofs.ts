import type { Database, Statement } from './database.ts';

/** A service token of Access, with what it is shown by. */
export interface ProofToken {
  tokenId: string;
  clientId: string;
  clientSecretEnc: string;
}

/** The service token by which Berth's own looks go through an account's Access. */
export interface AccessProof extends ProofToken {
  /** of the policy that lets it pass; null: not made yet */
  policyId: string | null;
  /** seconds since it was last seen at Cloudflare; null: never */
  ageSeconds: number | null;
}

/** Stores what was just made or seen, at once: what follows may fail. */
export interface KeepAccessProof {
  token(made: ProofToken): Promise<void>;
  policy(policyId: string): Promise<void>;
  /** The token is there, and valid for long. */
  seen(): Promise<void>;
}

const read: Statement = {
  name: 'access-proofs-read',
  text: `select token_id as "tokenId", client_id as "clientId", client_secret_enc as "clientSecretEnc", policy_id as "policyId",
    extract(epoch from now() - seen_at)::float8 as "ageSeconds"
  from access_proofs where account_id = $1`,
};

const ensureAccount: Statement = {
  name: 'access-proofs-ensure-account',
  text: 'insert into cloudflare_accounts (id) values ($1) on conflict (id) do nothing',
};

/** $1 account, $2 token, $3 and $4 what it is shown by. That another one had to be made is told in the audit, by the same statement. */
const putToken: Statement = {
  name: 'access-proofs-put-token',
  text: `with told as (
    insert into audit_entries (actor_kind, actor_id, actor_name, action, target, status, before, after)
    select 'system', null, 'tunnel-worker', 'renewProofToken', $1, 200, jsonb_build_object('id', token_id), jsonb_build_object('id', $2::text)
    from access_proofs where account_id = $1 and token_id <> $2
  )
  insert into access_proofs (account_id, token_id, client_id, client_secret_enc, seen_at) values ($1, $2, $3, $4, now())
  on conflict (account_id) do update set token_id = excluded.token_id, client_id = excluded.client_id,
    client_secret_enc = excluded.client_secret_enc, seen_at = now()`,
};

const putPolicy: Statement = {
  name: 'access-proofs-put-policy',
  text: 'update access_proofs set policy_id = $2 where account_id = $1',
};

const putSeen: Statement = {
  name: 'access-proofs-put-seen',
  text: 'update access_proofs set seen_at = now() where account_id = $1',
};

/** Held while an account's token is made. $1 account */
const lock: Statement = {
  name: 'access-proofs-lock',
  text: `select pg_advisory_xact_lock(726010, hashtext($1))`,
};

export async function readAccessProof(db: Database, accountId: string): Promise<AccessProof | undefined> {
  return (await db.run<AccessProof>(read, [accountId]))[0];
}

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
  const put = async (statement: Statement, ...values: string[]) => {
    await db.run(statement, [accountId, ...values]);
  };
  return db.transaction(async (client) => {
    await client.query({ ...lock, values: [accountId] });
    return make(await readAccessProof(db, accountId), {
      token: ({ tokenId, clientId, clientSecretEnc }) => put(putToken, tokenId, clientId, clientSecretEnc),
      policy: (policyId) => put(putPolicy, policyId),
      seen: () => put(putSeen),
    });
  });
}
