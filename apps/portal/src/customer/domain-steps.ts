import type { SiteDetail } from '@berth/contract/site';

/** The way of a website as its owner sees it. */
export const domainSteps = ['ordered', 'prepared', 'switched', 'built', 'live'] as const;

export type DomainStep = (typeof domainSteps)[number];

type Known = Pick<SiteDetail, 'nameServers' | 'zoneActiveAt' | 'conditions' | 'liveAt'>;

/** Which steps are done. What comes later can't be done before what comes earlier. */
export function doneSteps(site: Known): number {
  const isTrue = (aspect: string) => site.conditions.some((one) => one.aspect === aspect && one.status === 'true');
  if (site.liveAt) return domainSteps.length;
  const done = [true, site.nameServers.length > 0, isTrue('zone'), isTrue('container') && isTrue('connector'), false];
  const open = done.indexOf(false);
  return open === -1 ? done.length : open;
}
