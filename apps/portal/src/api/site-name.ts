import type { SiteDetail } from '@berth/contract/site';
import { useQuery } from '@tanstack/react-query';
import { siteQuery } from './queries.ts';

/** What people call a site: its domain as they write it, or its key where it has none. */
export function siteName({ key, domain, domainUnicode }: Pick<SiteDetail, 'key' | 'domain' | 'domainUnicode'>): string {
  return domainUnicode ?? domain ?? key;
}

/** The name of a site that is read by its key; the key until it is known. */
export function useSiteName(key: string): string {
  const { data } = useQuery(siteQuery(key));
  return data ? siteName(data) : key;
}
