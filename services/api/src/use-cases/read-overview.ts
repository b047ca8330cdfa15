import type { Overview } from '@berth/contract/overview';
import { customerReasons } from '@berth/shared/domain/waiting-reasons';
import type { Database } from '@berth/shared/store/database';
import { countSites } from '@berth/shared/store/fleet';
import { type AttentionRules, readOverview } from '@berth/shared/store/read-overview';
import { stateRules } from '../presenters/site-state.ts';

/** Sites that went live longer ago say nothing about how it goes now. */
const DAYS = 7;

/** By then three reminders were sent (1, 3 and 7 days), and three weeks are left until Cloudflare deletes a zone of its free plan. */
const CUSTOMERS_DAYS = 7;

const rules: AttentionRules = { ...stateRules, customers: customerReasons, customersDays: CUSTOMERS_DAYS };

/** Numbers for the console, and for whoever has no dashboard. */
export function makeReadOverview({ db }: { db: Database }) {
  return async function overviewNow(): Promise<Overview> {
    const [counted, rest] = await Promise.all([countSites(db, stateRules), readOverview(db, rules, DAYS)]);
    const sites = Object.fromEntries(counted.map((one) => [one.state, one.sites]));
    return { sites, ...rest };
  };
}
