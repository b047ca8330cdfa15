import type { SiteSummary } from '@berth/contract/site';
import { toUnicode } from '../parts/to-unicode.ts';
import type { SitesSearch } from './searches.ts';

/** Whether a site is among those that are looked for: every word of the search is in its domain, key, customer or order. */
export function fits(site: SiteSummary, { q = '', state, environment }: SitesSearch): boolean {
  if (state && site.state !== state) return false;
  if (environment && site.environment !== environment) return false;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [site.domain, site.domain && toUnicode(site.domain), site.key, site.customer, site.orderId]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
