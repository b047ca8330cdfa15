import type { SiteState } from '@berth/contract/order';
import { actorOf, waitingReasons } from '@berth/shared/domain/waiting-reasons';
import type { StateRules } from '@berth/shared/store/fleet';
import type { ReadSite } from '@berth/shared/store/read-sites';

/** What must be true for a site to be online. */
const SERVING = new Set(['container', 'connector', 'route', 'reachable']);

/** The same rules for those who count sites in the database. */
export const stateRules: StateRules = { serving: [...SERVING], waiting: waitingReasons };

/** Whether a person must do something before this goes on. */
export function isWaitingForPerson(reason: string): boolean {
  return actorOf(reason) !== undefined;
}

/** A site's state in one word, from its conditions. */
export function stateOf(site: ReadSite): SiteState {
  if (site.goneAt) return 'gone';
  if (site.wanted === 'deleted') return 'leaving';
  const serving = site.conditions.filter((one) => SERVING.has(one.aspect) && one.placementWanted !== 'gone');
  if (site.liveAt) return serving.every((one) => one.status === 'true') ? 'online' : 'degraded';
  if (site.conditions.some((one) => one.status !== 'true' && isWaitingForPerson(one.reason))) return 'waiting';
  return site.conditions.some((one) => one.observedAt !== null) ? 'working' : 'queued';
}
