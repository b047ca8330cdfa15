import type { SiteTraffic, TrafficQuery } from '@berth/contract/traffic';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { readTraffic } from '@berth/shared/store/read-traffic';
import { presentTraffic } from '../presenters/present-traffic.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 7;
const LONGEST_DAYS = { hour: 31, day: 400 };

/** Reads a site's traffic. @throws BerthError `request.invalid` for a span that ends before it begins or is too long */
export function makeReadSiteTraffic({ db, now }: { db: Database; now(): Date }) {
  return async function readSiteTraffic(site: { id: string; key: string }, query: TrafficQuery): Promise<SiteTraffic> {
    const to = query.to === undefined ? now() : new Date(query.to);
    const from = query.from === undefined ? new Date(to.getTime() - USUAL_DAYS * DAY_MS) : new Date(query.from);
    const days = (to.getTime() - from.getTime()) / DAY_MS;
    if (days <= 0) throw invalid('#query/from', 'must be before `to`');
    const bucket = query.bucket ?? (days > USUAL_DAYS ? 'day' : 'hour');
    if (days > LONGEST_DAYS[bucket])
      throw invalid('#query/from', `must be at most ${LONGEST_DAYS[bucket]} days before \`to\``);
    const span = { from, to, bucket };
    return presentTraffic(site.key, span, await readTraffic(db, site.id, span));
  };
}

export type ReadSiteTraffic = ReturnType<typeof makeReadSiteTraffic>;

function invalid(pointer: string, detail: string): BerthError {
  return new BerthError('request.invalid', '1 field is not valid', { fields: [{ pointer, detail }] });
}
