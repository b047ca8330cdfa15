import type { SiteTraffic } from '@berth/contract/traffic';
import type { readTraffic } from '@berth/shared/store/read-traffic';

type Read = Awaited<ReturnType<typeof readTraffic>>;

const BASIC = ['requests', 'bytes'] as const;
const FULL = ['cache', 'visitors', 'statuses', 'countries'] as const;

/** A site's traffic with its sums. */
export function presentTraffic(
  site: string,
  { from, to, bucket }: { from: Date; to: Date; bucket: 'hour' | 'day' },
  { given, readUntil, buckets, countries }: Read,
): SiteTraffic {
  const notInPlan = given === 'nothing' ? [...BASIC, ...FULL] : given === 'basic' ? [...FULL] : [];
  const sum = (of: (one: Read['buckets'][number]) => number | null) => {
    const known = buckets.map(of).filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((all, value) => all + value, 0);
  };
  return {
    site,
    from: from.toISOString(),
    to: to.toISOString(),
    bucket,
    notInPlan,
    readUntil,
    totals: {
      requests: sum(({ requests }) => requests) ?? 0,
      bytes: sum(({ bytes }) => bytes) ?? 0,
      cachedRequests: sum(({ cachedRequests }) => cachedRequests),
      cachedBytes: sum(({ cachedBytes }) => cachedBytes),
      visitors: sum(({ visitors }) => visitors),
      statuses: sumStatuses(buckets),
    },
    data: buckets.map(({ hours: _, ...shown }) => shown),
    countries: notInPlan.length > 0 ? null : countries,
  };
}

function sumStatuses(buckets: Read['buckets']): Record<string, number> | null {
  const known = buckets.flatMap(({ statuses }) => (statuses ? [statuses] : []));
  if (known.length === 0) return null;
  const sums = new Map<string, number>();
  for (const [status, count] of known.flatMap(Object.entries<number>))
    sums.set(status, (sums.get(status) ?? 0) + count);
  return Object.fromEntries(sums);
}
