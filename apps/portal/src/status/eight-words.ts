import type { SiteState } from '@berth/contract/order';
import type { SiteDetail, SiteSummary } from '@berth/contract/site';

/** The eight words by which everybody is told how a site is; each has one colour, one icon and one text. */
export const eightWords = [
  'queued',
  'working',
  'waiting',
  'online',
  'degraded',
  'offline',
  'maintenance',
  'unknown',
] as const;

export type Word = (typeof eightWords)[number];

/** A site in one word, why, and since when. */
export interface SiteStatus {
  word: Word;
  /** a constant: a condition's reason, or one of `Healthy`, `Leaving`, `Gone`, `Stale`, `Unhealthy`, `Unreachable` */
  reason: string;
  /** the server's sentence; empty when there is nothing to say */
  message: string;
  since: string | null;
  checkedAt: string | null;
}

/** How a site's state is said where nothing but the state is known, such as in a list. */
export function wordOfState(state: SiteState): Word {
  switch (state) {
    case 'leaving':
      return 'working';
    case 'gone':
      return 'offline';
    default:
      return state;
  }
}

/** How a site is said where no more of it is known than a list tells. */
export function wordOfSite(site: Summary): Word {
  return isMaintained(site) ? 'maintenance' : wordOfState(site.state);
}

type Summary = Pick<SiteSummary, 'state' | 'inMaintenance' | 'liveAt'>;

/** Before it is live, and once it leaves, a maintenance changes nothing for it. */
const isMaintained = ({ state, inMaintenance, liveAt }: Summary) =>
  inMaintenance && liveAt !== null && state !== 'leaving' && state !== 'gone';

/** After so long without an answer nobody knows how the site is. */
export const STALE_AFTER_MS = 180_000;

interface Known {
  site: SiteDetail;
  /** when this was read from the API */
  readAtMs: number;
  nowMs: number;
}

/** A site's status from what the API told of it; what was read too long ago is unknown. */
export function statusOf({ site, readAtMs, nowMs }: Known): SiteStatus {
  const checkedAt = site.container?.lastHealthCheck ?? latest(site.conditions.map((one) => one.observedAt));
  const say = (word: Word, reason: string, since: string | null, message = ''): SiteStatus => ({
    word,
    reason,
    message,
    since,
    checkedAt,
  });
  if (nowMs - readAtMs > STALE_AFTER_MS) return say('unknown', 'Stale', new Date(readAtMs).toISOString());
  if (site.state === 'gone') return say('offline', 'Gone', site.goneAt);
  if (site.state === 'leaving') return say('working', 'Leaving', null);
  if (isMaintained(site)) return say('maintenance', 'Maintenance', null);
  const open = firstOpen(site);
  if (!site.liveAt)
    return say(wordOfState(site.state), open?.reason ?? 'Queued', open?.since ?? site.createdAt, open?.message);
  if (site.health === 'unreachable')
    return say('offline', open?.reason ?? 'Unreachable', open?.since ?? null, open?.message);
  if (site.health === 'unhealthy')
    return say('degraded', open?.reason ?? 'Unhealthy', open?.since ?? null, open?.message);
  if (site.state === 'degraded')
    return say('degraded', open?.reason ?? 'Unhealthy', open?.since ?? null, open?.message);
  if (site.health === 'unknown') return say('unknown', 'Stale', checkedAt);
  return say('online', 'Healthy', lastStart(site));
}

/** The condition that holds all up: the first in their order that isn't true and doesn't only wait for another. */
export function firstOpen({
  conditions,
}: Pick<SiteDetail, 'conditions'>): SiteDetail['conditions'][number] | undefined {
  const open = conditions.filter((one) => one.status !== 'true');
  return open.find((one) => one.reason !== 'Waiting') ?? open[0];
}

function lastStart(site: SiteDetail): string | null {
  const starts = [site.liveAt, site.container?.startedAt ?? null, reachableSince(site)];
  return latest(starts);
}

const reachableSince = ({ conditions }: SiteDetail) =>
  conditions.find((one) => one.aspect === 'reachable' && one.status === 'true')?.since ?? null;

function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
}
