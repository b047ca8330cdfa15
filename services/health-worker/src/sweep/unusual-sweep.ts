import type { Database } from '@berth/shared/store/database';
import { noteUnusual, readSiteTimes } from '@berth/shared/store/unusual';
import { judgeUnusual } from '../judge/judge-unusual.ts';
import type { Swept } from './host-sweep.ts';

/** Makes the sweep that compares each site of a host with its own last week. */
export function makeUnusualSweep({ db, hostId }: { db: Database; hostId: string }): () => Promise<Swept> {
  return async function sweepUnusual() {
    const sites = await readSiteTimes(db, hostId);
    const found = sites.flatMap((site) => judgeUnusual(site) ?? []);
    const unusual = new Set(found.map(({ site }) => site.siteId));
    const over = sites.filter(({ open, siteId }) => open && !unusual.has(siteId));
    await noteUnusual(db, hostId, found, over);
    return { checked: sites.length, failing: found.length };
  };
}
