import type { Database, Statement } from './database.ts';

/** What is done again and again for all zones of an account. */
export type RoundKind = 'requests' | 'logpush';

const ensure: Statement = {
  name: 'account-rounds-ensure',
  text: 'insert into account_rounds (account_id, kind) values ($1, $2) on conflict (account_id, kind) do nothing',
};

const untilDue: Statement = {
  name: 'account-rounds-until-due',
  text: `select extract(epoch from greatest(due_at, coalesce(lease_until, due_at)) - now())::float8 * 1000 as ms
  from account_rounds where account_id = $1 and kind = $2`,
};

/** $1 account, $2 kind, $3 owner, $4 lease in ms */
const claim: Statement = {
  name: 'account-rounds-claim',
  text: `update account_rounds set owner = $3, lease_until = now() + $4::float8 * interval '1 ms'
  where account_id = $1 and kind = $2 and due_at <= now() and (lease_until is null or lease_until <= now()) returning account_id`,
};

const renew: Statement = {
  name: 'account-rounds-renew',
  text: `update account_rounds set lease_until = now() + $4::float8 * interval '1 ms'
  where account_id = $1 and kind = $2 and owner = $3 and lease_until > now() returning account_id`,
};

/** $4 milliseconds until the next one, $5 zones, $6 what went wrong */
const finish: Statement = {
  name: 'account-rounds-finish',
  text: `update account_rounds set lease_until = null, finished_at = now(), due_at = now() + $4::float8 * interval '1 ms', zones = $5, problem = $6
  where account_id = $1 and kind = $2 and owner = $3`,
};

/** Who does the rounds of one account: one process of all. */
export interface AccountRounds {
  /** @returns milliseconds until the next one is due */
  untilDueMs(): Promise<number>;
  /** @returns whether it's due and this process does it */
  claim(owner: string, leaseMs: number): Promise<boolean>;
  /** @returns false when another process does it by now */
  renew(owner: string, leaseMs: number): Promise<boolean>;
  finish(owner: string, end: { nextMs: number; zones: number; problem: string | null }): Promise<void>;
}

/** The rounds of an account, whose row must be there. */
export function makeAccountRounds(db: Database, accountId: string, kind: RoundKind): AccountRounds {
  return {
    async untilDueMs() {
      await db.run(ensure, [accountId, kind]);
      return (await db.run<{ ms: number }>(untilDue, [accountId, kind]))[0]?.ms ?? 0;
    },
    claim: async (owner, leaseMs) => (await db.run(claim, [accountId, kind, owner, leaseMs])).length > 0,
    renew: async (owner, leaseMs) => (await db.run(renew, [accountId, kind, owner, leaseMs])).length > 0,
    async finish(owner, { nextMs, zones, problem }) {
      await db.run(finish, [accountId, kind, owner, nextMs, zones, problem]);
    },
  };
}
