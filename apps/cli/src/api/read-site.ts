import type { SiteDetail } from '@berth/contract/site';
import type { Ask } from './ask.ts';

/** @throws Failure `notFound` */
export function readSite(ask: Ask, key: string): Promise<SiteDetail> {
  return ask<SiteDetail>({ doing: `reading site ${key}`, path: `/v1/sites/${encodeURIComponent(key)}` });
}
