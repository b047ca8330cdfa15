import type { SiteState } from '@berth/contract/order';
import type { Aspect } from '@berth/shared/domain/aspects';
import { partOf } from '@berth/shared/domain/parts';
import { actorOf, waitingReasons } from '@berth/shared/domain/waiting-reasons';
import type { StateRules } from '@berth/shared/store/fleet';
import type { ReadCondition, ReadSite } from '@berth/shared/store/read-sites';

/** What must be true for a site to be online, of the parts that it wants. */
const SERVING = new Set(['container', 'connector', 'route', 'reachable']);

/** The same rules for those who count sites in the database. */
export const stateRules: StateRules = { serving: [...SERVING], waiting: waitingReasons };

/** Whether a condition belongs to a part that the site wants. */
export function isOfWantedPart({ parts }: Pick<ReadSite, 'parts'>, aspect: string): boolean {
  const part = partOf[aspect as Aspect];
  return part === null || parts[part];
}

/** Leaves out what a site doesn't want, once nothing of it is there. */
export function isShown(site: ReadSite): (condition: ReadCondition) => boolean {
  return (condition) => !condition.gone || site.wanted === 'deleted' || isOfWantedPart(site, condition.aspect);
}

/** Whether a person must do something before this goes on. */
export function isWaitingForPerson(reason: string): boolean {
  return actorOf(reason) !== undefined;
}

/** A site's state in one word, from its conditions. */
export function stateOf(site: ReadSite): SiteState {
  if (site.goneAt) return 'gone';
  if (site.wanted === 'deleted') return 'leaving';
  const wanted = site.conditions.filter((one) => isOfWantedPart(site, one.aspect));
  const serving = wanted.filter((one) => SERVING.has(one.aspect) && one.placementWanted !== 'gone');
  if (site.liveAt) return !site.hostOut && serving.every((one) => one.status === 'true') ? 'online' : 'degraded';
  if (wanted.some((one) => one.status !== 'true' && isWaitingForPerson(one.reason))) return 'waiting';
  return site.conditions.some((one) => one.observedAt !== null) ? 'working' : 'queued';
}
