import type { Overview } from '@berth/contract/overview';
import type { Database } from '@berth/shared/store/database';
import { countSites } from '@berth/shared/store/fleet';
import { readOverview } from '@berth/shared/store/read-overview';
import { stateRules } from '../presenters/site-state.ts';

/** Sites that went live longer ago say nothing about how it goes now. */
const DAYS = 7;

/** Numbers for the console, and for whoever has no dashboard. */
export function makeReadOverview({ db }: { db: Database }) {
  return async function overviewNow(): Promise<Overview> {
    const [counted, rest] = await Promise.all([countSites(db, stateRules), readOverview(db, stateRules, DAYS)]);
    const sites = Object.fromEntries(counted.map((one) => [one.state, one.sites]));
    return { sites, ...rest };
  };
}
