import type { Account } from '../account.ts';
import type { Plan } from '../rules/plan.ts';
import type { Zone } from '../zone.ts';
import { fault } from './fault.ts';
import type { SeenRequest } from './request-log.ts';

export interface GroupQuery {
  limit: number;
  filter: GroupFilter;
  orderBy?: readonly string[];
}

interface GroupFilter {
  datetime_geq?: string;
  datetime_lt?: string;
  clientRequestHTTPHost_in?: readonly string[];
  clientRequestPath_notlike?: string;
}

const DAY_SECONDS = 86_400;
const LIMIT_MAX = 10_000;

/** How far back requests may be asked for, and how much at once. */
const limitsOf: Readonly<Record<Plan, { notOlderThan: number; maxDuration: number }>> = {
  free: { notOlderThan: 8 * DAY_SECONDS, maxDuration: DAY_SECONDS },
  pro: { notOlderThan: 8 * DAY_SECONDS, maxDuration: DAY_SECONDS },
  business: { notOlderThan: 31 * DAY_SECONDS, maxDuration: 3 * DAY_SECONDS },
  enterprise: { notOlderThan: 31 * DAY_SECONDS, maxDuration: 30 * DAY_SECONDS },
};

/** What may be asked of a zone's requests, as its node of settings says it. */
export function requestSettings({ plan }: Zone) {
  return { enabled: true, maxPageSize: LIMIT_MAX, maxNumberOfFields: 30, ...limitsOf[plan] };
}

/** A zone's requests, those alike within a second as one group, from the sample that the edge took. @throws GraphQLError */
export function groupsOf(account: Account, zone: Zone, { limit, filter, orderBy = [] }: GroupQuery) {
  const { notOlderThan, maxDuration } = limitsOf[zone.plan];
  const from = Date.parse(filter.datetime_geq ?? '');
  const to = Date.parse(filter.datetime_lt ?? '');
  if (Number.isNaN(from) || Number.isNaN(to)) throw fault('parser', 'a filter by time is required');
  if (Number(limit) < 1 || Number(limit) > LIMIT_MAX)
    throw fault('parser', `limit must be positive number and not greater than ${LIMIT_MAX}`);
  if (to - from > maxDuration * 1000)
    throw fault('quota', `cannot request a time range wider than ${maxDuration / DAY_SECONDS}d`);
  // A second for the way here.
  if (from < Date.now() - notOlderThan * 1000 - 1000)
    throw fault('quota', `cannot request data older than ${notOlderThan / DAY_SECONDS}d`);
  const sampleInterval = account.requests.sampling.get(zone.id) ?? 1;
  const groups = new Map<string, { request: SeenRequest; count: number; bytes: number }>();
  for (const request of account.requests.of(zone.id, from, to)) {
    if (!isWanted(request, filter)) continue;
    const key = JSON.stringify(dimensionsOf(request));
    const group = groups.get(key) ?? { request, count: 0, bytes: 0 };
    groups.set(key, { ...group, count: group.count + sampleInterval, bytes: group.bytes + request.bytes });
  }
  const shown = [...groups.values()].map(({ request, count, bytes }) => ({
    count,
    avg: { sampleInterval },
    sum: { edgeResponseBytes: bytes * sampleInterval },
    dimensions: dimensionsOf(request),
  }));
  const direction = orderBy[0] === 'datetime_DESC' ? -1 : 1;
  if (orderBy.length > 0) shown.sort((a, b) => direction * (a.dimensions.datetime < b.dimensions.datetime ? -1 : 1));
  return shown.slice(0, Number(limit));
}

function isWanted({ host, path }: SeenRequest, filter: GroupFilter): boolean {
  const { clientRequestHTTPHost_in: hosts, clientRequestPath_notlike: unlike } = filter;
  if (hosts && !hosts.includes(host)) return false;
  if (unlike === undefined) return true;
  const pattern = unlike.split('%').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return !new RegExp(`^${pattern.join('.*')}$`, 's').test(path);
}

function dimensionsOf({ atMs, host, method, path, status, address, country }: SeenRequest) {
  return {
    datetime: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
    clientIP: address,
    clientCountryName: country,
    clientRequestHTTPHost: host,
    clientRequestHTTPMethodName: method,
    clientRequestPath: path,
    edgeResponseStatus: status,
  };
}
