import type { Context } from '@berth/shared/runtime/context';
import type { Secret } from '@berth/shared/runtime/secret';
import { type CloudflareAccount, openCloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import { makeCallBudget } from './call-budget.ts';
import { type Cloudflare, makeCloudflare } from './make-cloudflare.ts';

interface CloudflareConfig {
  CF_API_TOKEN: Secret;
  CF_ACCOUNT_ID: string;
  CF_API_BASE_URL?: string | undefined;
  CF_BUDGET_PER_5_MIN: number;
}

/** The client of a service, with the budget that it shares with all others of the account. */
export async function openCloudflare(
  config: CloudflareConfig,
  { db, clock, metrics }: Pick<Context, 'db' | 'clock' | 'metrics'>,
): Promise<{ cloudflare: Cloudflare; account: CloudflareAccount }> {
  const account = await openCloudflareAccount(db, config.CF_ACCOUNT_ID);
  const cloudflare = makeCloudflare({
    apiToken: config.CF_API_TOKEN,
    accountId: config.CF_ACCOUNT_ID,
    baseUrl: config.CF_API_BASE_URL,
    clock,
    metrics,
    budget: makeCallBudget(account, clock, config.CF_BUDGET_PER_5_MIN),
  });
  return { cloudflare, account };
}
