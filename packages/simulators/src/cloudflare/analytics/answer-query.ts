import { buildSchema, graphqlSync } from 'graphql';
import type { Account } from '../account.ts';
import { fault } from './fault.ts';
import { type GroupQuery, groupsOf, requestSettings } from './request-groups.ts';

/** The part of Cloudflare's schema about a zone's hours and its requests. */
const schema = buildSchema(`
  scalar Time
  type Query { viewer: Viewer! }
  type Viewer { zones(filter: ZoneFilter!): [Zone!]! }
  input ZoneFilter { zoneTag: string zoneTag_in: [string!] }
  scalar string
  scalar uint64
  enum Order { datetime_ASC datetime_DESC }
  input HourFilter { datetime_geq: Time datetime_lt: Time }
  type Zone {
    zoneTag: string!
    httpRequests1hGroups(limit: uint64!, filter: HourFilter!, orderBy: [Order!]): [Hour!]!
    httpRequestsAdaptiveGroups(limit: uint64!, filter: RequestFilter!, orderBy: [Order!]): [RequestGroup!]!
    settings: Settings!
  }
  type Settings { httpRequestsAdaptiveGroups: NodeSettings! }
  type NodeSettings { enabled: Boolean! maxPageSize: uint64! maxNumberOfFields: uint64! notOlderThan: uint64! maxDuration: uint64! }
  input RequestFilter {
    datetime_geq: Time datetime_lt: Time clientRequestHTTPHost_in: [string!] clientRequestPath_notlike: string
  }
  type RequestGroup { count: uint64! avg: RequestAvg! sum: RequestSum! dimensions: RequestDimensions! }
  type RequestAvg { sampleInterval: Float! }
  type RequestSum { edgeResponseBytes: uint64! }
  type RequestDimensions {
    datetime: Time! clientIP: string! clientCountryName: string! clientRequestHTTPHost: string!
    clientRequestHTTPMethodName: string! clientRequestPath: string! edgeResponseStatus: uint64!
  }
  type Hour { dimensions: Dimensions! sum: Sum! uniq: Uniq! }
  type Dimensions { datetime: Time! }
  type Uniq { uniques: uint64! }
  type Sum {
    requests: uint64! bytes: uint64! cachedRequests: uint64! cachedBytes: uint64!
    responseStatusMap: [StatusCount!]! countryMap: [CountryCount!]!
  }
  type StatusCount { edgeResponseStatus: uint64! requests: uint64! }
  type CountryCount { clientCountryName: string! requests: uint64! }
`);

const ZONES_MAX = 10;
const HOUR_MS = 3_600_000;
/** Hours of a zone without a paid plan: how old, and how many at once. */
const KEPT_MS = 73 * HOUR_MS;
const LIMIT_MAX = 10_000;

/** An answer of the GraphQL API: always under HTTP 200. */
export interface GraphAnswer {
  data: unknown;
  errors: { message: string; path?: unknown; extensions: { code: string } }[] | null;
}

/** Answers a query from what the edge saw. */
export function answerQuery(account: Account, body: Record<string, unknown>): GraphAnswer {
  const { query, variables } = body;
  if (account.graphQueries.isOver())
    return refused('budget', 'rate limiter budget depleted, try again after 5 minutes');
  if (typeof query !== 'string') return refused('parser', 'the query is missing');
  const result = graphqlSync({
    schema,
    source: query,
    variableValues: variables as Record<string, unknown>,
    rootValue: { viewer: { zones: (given: { filter: ZoneFilter }) => zonesOf(account, given.filter) } },
  });
  const errors = (result.errors ?? []).map((error) => ({
    message: error.message,
    path: error.path,
    extensions: { code: String(error.extensions.code ?? 'parser') },
  }));
  return errors.length > 0 ? { data: null, errors } : { data: result.data, errors: null };
}

interface ZoneFilter {
  zoneTag?: string;
  zoneTag_in?: string[];
}

function zonesOf(account: Account, { zoneTag, zoneTag_in = [] }: ZoneFilter) {
  const tags = zoneTag === undefined ? zoneTag_in : [zoneTag];
  if (tags.length === 0 || tags.length > ZONES_MAX)
    throw fault('quota', `cannot query ${tags.length} zones, at most 10`);
  return tags.map((tag) => {
    const zone = account.zones().find(({ id }) => id === tag);
    if (!zone || account.withoutAnalytics.has(zone.name))
      throw fault('authz', `zone '${tag}' does not have access to the path`);
    return {
      zoneTag: tag,
      httpRequests1hGroups: (given: HourQuery) => hoursOf(account, tag, given),
      httpRequestsAdaptiveGroups: (given: GroupQuery) => groupsOf(account, zone, given),
      settings: { httpRequestsAdaptiveGroups: requestSettings(zone) },
    };
  });
}

interface HourQuery {
  limit: number;
  filter: { datetime_geq?: string; datetime_lt?: string };
}

function hoursOf(account: Account, tag: string, { limit, filter }: HourQuery) {
  const from = Date.parse(filter.datetime_geq ?? '');
  const to = Date.parse(filter.datetime_lt ?? '');
  if (Number.isNaN(from) || Number.isNaN(to)) throw fault('parser', 'a filter by time is required');
  if (Number(limit) < 1 || Number(limit) > LIMIT_MAX) throw fault('parser', 'limit is out of range');
  if (to - from > KEPT_MS) throw fault('quota', 'cannot request a time range wider than 3d');
  if (from < Date.now() - KEPT_MS) throw fault('quota', 'cannot request data older than 3d');
  const hours = account.visits.of(tag, from, to).slice(0, Number(limit));
  return hours.map(({ hour, counts }) => ({
    dimensions: { datetime: hour.replace('.000Z', 'Z') },
    uniq: { uniques: counts.visitors.length },
    sum: {
      requests: counts.requests,
      bytes: counts.bytes,
      // The edge here keeps no copies.
      cachedRequests: 0,
      cachedBytes: 0,
      responseStatusMap: Object.entries(counts.statuses).map(([status, requests]) => ({
        edgeResponseStatus: Number(status),
        requests,
      })),
      countryMap: Object.entries(counts.countries).map(([clientCountryName, requests]) => ({
        clientCountryName,
        requests,
      })),
    },
  }));
}

function refused(code: string, message: string): GraphAnswer {
  return { data: null, errors: [{ message, extensions: { code } }] };
}
