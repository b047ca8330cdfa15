import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { z } from 'zod';
import type { CloudflareRequests, SampledRequest } from '../requests/request-access.ts';
import { askGraph } from './cloudflare-graphql.ts';

/** Berth's own questions, by which it proves that a site is reached, are no visits. */
const PROOFS = '/.well-known/berth/%';

const QUERY = `query Requests($zones: [string!], $from: Time!, $to: Time!, $hosts: [string!], $proofs: string!, $limit: uint64!) {
  viewer { zones(filter: { zoneTag_in: $zones }) { zoneTag
    httpRequestsAdaptiveGroups(limit: $limit, orderBy: [datetime_ASC], filter: { datetime_geq: $from, datetime_lt: $to,
      clientRequestHTTPHost_in: $hosts, clientRequestPath_notlike: $proofs }) {
      count sum { edgeResponseBytes } dimensions { datetime clientIP clientCountryName clientRequestHTTPHost clientRequestHTTPMethodName
        clientRequestPath edgeResponseStatus } } } } }`;

const group = z.object({
  count: z.number().nonnegative(),
  sum: z.object({ edgeResponseBytes: z.number().nonnegative() }),
  dimensions: z.object({
    datetime: z.iso.datetime({ offset: true }),
    clientIP: z.string(),
    clientCountryName: z.string(),
    clientRequestHTTPHost: z.string(),
    clientRequestHTTPMethodName: z.string(),
    clientRequestPath: z.string(),
    edgeResponseStatus: z.int(),
  }),
});
const data = z.object({
  viewer: z.object({ zones: z.array(z.object({ zoneTag: z.string(), httpRequestsAdaptiveGroups: z.array(group) })) }),
});

/** The sampled requests of zones, over Cloudflare's GraphQL API. */
export function makeCloudflareRequests(cloudflare: Cloudflare): CloudflareRequests {
  return {
    async read(cfZoneIds, { hosts, limit, from, to }, signal) {
      const doing = `reading the requests of ${cfZoneIds.length} zones`;
      const variables = { zones: cfZoneIds, from, to, hosts, limit, proofs: PROOFS };
      const answer = await askGraph(cloudflare, { doing, query: QUERY, variables, signal }, data);
      if (answer.kind !== 'read') return answer;
      const { zones } = answer.data.viewer;
      return {
        kind: 'read',
        requests: new Map(zones.map((zone) => [zone.zoneTag, zone.httpRequestsAdaptiveGroups.map(toRequest)])),
      };
    },
  };
}

function toRequest({ count, sum, dimensions }: z.output<typeof group>): SampledRequest {
  return {
    at: new Date(dimensions.datetime).toISOString(),
    address: dimensions.clientIP,
    country: dimensions.clientCountryName,
    host: dimensions.clientRequestHTTPHost,
    method: dimensions.clientRequestHTTPMethodName,
    path: dimensions.clientRequestPath,
    status: dimensions.edgeResponseStatus,
    requests: Math.round(count),
    bytes: Math.round(sum.edgeResponseBytes),
  };
}
