import type { SiteDetail } from '@berth/contract/site';
import { useNow } from '../parts/time.tsx';
import { type SiteStatus, statusOf } from './eight-words.ts';

/** A site's status, which turns into unknown when nothing new comes. @param readAtMs when the site was read */
export function useStatus(site: SiteDetail, readAtMs: number): SiteStatus {
  const nowMs = useNow();
  return statusOf({ site, readAtMs, nowMs: Math.max(nowMs, readAtMs) });
}
