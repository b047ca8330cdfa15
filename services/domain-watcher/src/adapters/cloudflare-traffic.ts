import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import type { TrafficHour } from '@berth/shared/domain/traffic';
import { BerthError } from '@berth/shared/errors/berth-error';
import { z } from 'zod';
import type { CloudflareTraffic } from '../traffic/traffic-access.ts';

const HOURS_MAX = 72;
/** As long as Cloudflare counts queries. */
const QUOTA_MS = 300_000;

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
const answerSchema = z.object({
  data: z
    .object({
      viewer: z.object({ zones: z.array(z.object({ zoneTag: z.string(), httpRequests1hGroups: z.array(group) })) }),
    })
    .nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).nullish() }))
    .nullish(),
});

/** Traffic of zones, over Cloudflare's GraphQL API, which answers 200 whatever went wrong. */
export function makeCloudflareTraffic(cloudflare: Cloudflare): CloudflareTraffic {
  return {
    async read(cfZoneIds, span, given, signal) {
      const doing = `reading the traffic of ${cfZoneIds.length} zones`;
      const body = { query: QUERIES[given], variables: { zones: cfZoneIds, ...span } };
      const raw = await cloudflare.call({ doing, signal, kind: 'background' }, (sdk, options) =>
        sdk.post<unknown>('/graphql', { body, ...options }),
      );
      const parsed = answerSchema.safeParse(raw);
      if (!parsed.success) {
        throw new BerthError('cloudflare.unavailable', `${doing}: an answer of another shape`, { cause: parsed.error });
      }
      const { data, errors } = parsed.data;
      if (errors && errors.length > 0) return judge(doing, errors);
      const zones = data?.viewer.zones ?? [];
      const hours = new Map(zones.map((zone) => [zone.zoneTag, zone.httpRequests1hGroups.map(toHour)]));
      return { kind: 'read', hours };
    },
  };
}

type GraphError = NonNullable<z.output<typeof answerSchema>['errors']>[number];

function judge(doing: string, errors: readonly GraphError[]): { kind: 'not-given' } {
  const codes = errors.map((one) => one.extensions?.code ?? '');
  if (codes.includes('authz')) return { kind: 'not-given' };
  if (codes.some((code) => code === 'budget' || code === 'rate_limiter')) {
    throw new BerthError('cloudflare.rate-limited', `${doing}: the quota of queries is used up`, {
      retryAfterMs: QUOTA_MS,
    });
  }
  throw new BerthError('cloudflare.refused', `${doing}: ${codes.join(', ') || 'refused'}`, { cause: errors });
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
