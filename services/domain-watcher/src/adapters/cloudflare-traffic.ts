import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import type { TrafficHour } from '@berth/shared/domain/traffic';
import { BerthError } from '@berth/shared/errors/berth-error';
import { z } from 'zod';
import type { CloudflareTraffic } from '../traffic/traffic-access.ts';
import { askGraph } from './cloudflare-graphql.ts';

const HOURS_MAX = 72;

const BASIC = 'sum { requests bytes }';
const ALL = `sum { requests bytes cachedRequests cachedBytes responseStatusMap { edgeResponseStatus requests } countryMap { clientCountryName requests } }
      uniq { uniques }`;

const queryOf = (fields: string) => `query Traffic($zones: [string!], $from: Time!, $to: Time!) {
  viewer { zones(filter: { zoneTag_in: $zones }) { zoneTag
    httpRequests1hGroups(limit: ${HOURS_MAX}, orderBy: [datetime_ASC], filter: { datetime_geq: $from, datetime_lt: $to }) {
      dimensions { datetime } ${fields} } } } }`;

const QUERIES = { basic: queryOf(BASIC), all: queryOf(ALL) };

const count = z.number().nonnegative();
const group = z.object({
  dimensions: z.object({ datetime: z.iso.datetime({ offset: true }) }),
  sum: z.object({
    requests: count,
    bytes: count,
    cachedRequests: count.optional(),
    cachedBytes: count.optional(),
    responseStatusMap: z.array(z.object({ edgeResponseStatus: z.int(), requests: count })).optional(),
    countryMap: z.array(z.object({ clientCountryName: z.string().max(60), requests: count })).optional(),
  }),
  uniq: z.object({ uniques: count }).optional(),
});
const data = z.object({
  viewer: z.object({ zones: z.array(z.object({ zoneTag: z.string(), httpRequests1hGroups: z.array(group) })) }),
});

/** Traffic of zones, over Cloudflare's GraphQL API. */
export function makeCloudflareTraffic(cloudflare: Cloudflare): CloudflareTraffic {
  return {
    async read(cfZoneIds, span, given, signal) {
      const doing = `reading the traffic of ${cfZoneIds.length} zones`;
      const query = { query: QUERIES[given], variables: { zones: cfZoneIds, ...span } };
      const answer = await askGraph(cloudflare, { doing, ...query, signal }, data);
      if (answer.kind === 'not-given') return answer;
      if (answer.kind === 'too-far') throw new BerthError('cloudflare.refused', `${doing}: more than it gives at once`);
      const hours = new Map(
        answer.data.viewer.zones.map((zone) => [zone.zoneTag, zone.httpRequests1hGroups.map(toHour)]),
      );
      return { kind: 'read', hours };
    },
  };
}

function toHour({ dimensions, sum, uniq }: z.output<typeof group>): TrafficHour {
  return {
    hour: new Date(dimensions.datetime).toISOString(),
    requests: sum.requests,
    bytes: sum.bytes,
    cachedRequests: sum.cachedRequests ?? null,
    cachedBytes: sum.cachedBytes ?? null,
    visitors: uniq?.uniques ?? null,
    statuses: sum.responseStatusMap
      ? added(sum.responseStatusMap.map((one) => [`${Math.floor(one.edgeResponseStatus / 100)}xx`, one.requests]))
      : null,
    countries: sum.countryMap ? added(sum.countryMap.map((one) => [one.clientCountryName, one.requests])) : null,
  };
}

function added(counts: readonly (readonly [string, number])[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [key, number] of counts) sums.set(key, (sums.get(key) ?? 0) + number);
  return Object.fromEntries(sums);
}
