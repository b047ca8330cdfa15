import type { Database, Statement } from './database.ts';

const ensure: Statement = {
  name: 'cloudflare-accounts-ensure',
  text: 'insert into cloudflare_accounts (id) values ($1) on conflict (id) do nothing',
};

/** A new bucket is full. $2 burst, $3 refill per second */
const LEVEL = `least($2::float8, case when budget_at is null then $2::float8
  else budget_tokens + $3::float8 * extract(epoch from now() - budget_at)::float8 end)`;

/** $1 account, $4 tokens that must remain */
const take: Statement = {
  name: 'cloudflare-accounts-take',
  text: `update cloudflare_accounts set budget_tokens = ${LEVEL} - 1, budget_at = now()
  where id = $1 and (blocked_until is null or blocked_until <= now()) and ${LEVEL} >= 1 + $4::float8 returning id`,
};

const untilFree: Statement = {
  name: 'cloudflare-accounts-until-free',
  text: `select greatest(coalesce(extract(epoch from blocked_until - now())::float8, 0),
    (1 + $4::float8 - ${LEVEL}) / $3::float8, 0.01) * 1000 as ms from cloudflare_accounts where id = $1`,
};

/** $1 account, $2 milliseconds */
const block: Statement = {
  name: 'cloudflare-accounts-block',
  text: `update cloudflare_accounts set blocked_until = greatest(coalesce(blocked_until, now()), now() + $2::float8 * interval '1 ms')
  where id = $1`,
};

/** $1 account, $2 owner, $3 lease in ms */
const leaseSweep: Statement = {
  name: 'cloudflare-accounts-lease-sweep',
  text: `update cloudflare_accounts set sweep_owner = $2, sweep_until = now() + $3::float8 * interval '1 ms'
  where id = $1 and (sweep_owner = $2 or sweep_until is null or sweep_until <= now()) returning id`,
};

const swept: Statement = {
  name: 'cloudflare-accounts-swept',
  text: 'update cloudflare_accounts set swept_at = now() where id = $1 and sweep_owner = $2',
};

/** How an account's calls are spread: at most `burst` at once, `perSecond` after that. */
export interface CallRate {
  burst: number;
  perSecond: number;
}

/** What all processes know together of one Cloudflare account: its calls' budget, and who sweeps its zones. */
export interface CloudflareAccount {
  readonly id: string;
  /**
   * Takes one call from the budget.
   * @param reserve calls that must be left for others
   * @returns undefined when taken; otherwise milliseconds until it is worth asking again
   */
  takeCall(rate: CallRate, reserve: number): Promise<number | undefined>;
  /** Cloudflare asked to wait: nobody calls before. */
  block(ms: number): Promise<void>;
  /** @returns whether this process sweeps the account's zones for the next `leaseMs` */
  leaseSweep(owner: string, leaseMs: number): Promise<boolean>;
  noteSwept(owner: string): Promise<void>;
}

/** The account's row, made when it is missing. */
export async function openCloudflareAccount(db: Database, id: string): Promise<CloudflareAccount> {
  await db.run(ensure, [id]);
  return {
    id,
    async takeCall({ burst, perSecond }, reserve) {
      const values = [id, burst, perSecond, reserve];
      if ((await db.run(take, values)).length > 0) return undefined;
      const [row] = await db.run<{ ms: number }>(untilFree, values);
      return row?.ms ?? 1000;
    },
    async block(ms) {
      await db.run(block, [id, ms]);
    },
    leaseSweep: async (owner, leaseMs) => (await db.run(leaseSweep, [id, owner, leaseMs])).length > 0,
    async noteSwept(owner) {
      await db.run(swept, [id, owner]);
    },
  };
}
