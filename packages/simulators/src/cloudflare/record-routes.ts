import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Call, Route } from './call.ts';
import type { QueryRule } from './check-query.ts';
import { type DnsRecord, RECORD_TYPES } from './dns-record.ts';
import { toPage } from './page.ts';
import type { Zone } from './zone.ts';

const FILTERED = ['name', 'content', 'comment'] as const;
const OPERATORS = ['exact', 'contains', 'startswith', 'endswith'] as const;
const ORDERS: Readonly<Record<string, (record: DnsRecord) => string | number>> = {
  type: (record) => record.type,
  name: (record) => record.name,
  content: (record) => record.content,
  ttl: (record) => record.ttl,
  proxied: (record) => Number(record.proxied),
};
const LIST_QUERY: Readonly<Record<string, QueryRule>> = {
  type: RECORD_TYPES,
  proxied: ['true', 'false'],
  match: ['any', 'all'],
  search: 'text',
  order: Object.keys(ORDERS),
  direction: ['asc', 'desc'],
  page: 'text',
  per_page: 'text',
  ...Object.fromEntries(
    FILTERED.flatMap((field) => [field, ...OPERATORS.map((operator) => `${field}.${operator}`)]).map(
      (name) => [name, 'text'] as const,
    ),
  ),
};

export const recordRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/zones/:zone/dns_records',
    needs: 'dns.read',
    query: LIST_QUERY,
    handle: ({ account, params, query }) => {
      const records = account
        .zone(params.zone ?? '')
        .records()
        .filter((record) => matches(record, query));
      const order = ORDERS[query.get('order') ?? ''];
      if (order) records.sort((a, b) => compare(order(a), order(b)) * (query.get('direction') === 'desc' ? -1 : 1));
      return toPage(records, query, { min: 1, max: 5_000_000, usual: 100 }, (record) => record);
    },
  },
  {
    method: 'POST',
    path: '/zones/:zone/dns_records',
    needs: 'dns.edit',
    handle: ({ account, params, body }) => ({
      result: done(account, account.zone(params.zone ?? '').add(body, account.profile)),
    }),
  },
  {
    method: 'POST',
    path: '/zones/:zone/dns_records/batch',
    needs: 'dns.edit',
    fields: ['deletes', 'patches', 'puts', 'posts'],
    handle: (call) => ({ result: done(call.account, batch(call)) }),
  },
  {
    method: 'GET',
    path: '/zones/:zone/dns_records/:record',
    needs: 'dns.read',
    handle: ({ account, params }) => ({ result: account.zone(params.zone ?? '').record(params.record ?? '') }),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): Route => ({
      method,
      path: '/zones/:zone/dns_records/:record',
      needs: 'dns.edit',
      handle: ({ account, params, body }) => ({
        result: done(account, change(account.zone(params.zone ?? ''), params.record ?? '', body, method === 'PUT')),
      }),
    }),
  ),
  {
    method: 'DELETE',
    path: '/zones/:zone/dns_records/:record',
    needs: 'dns.edit',
    handle: ({ account, params }) => {
      const { id } = account.zone(params.zone ?? '').remove(params.record ?? '');
      return { result: done(account, { id }) };
    },
  },
];

function done<T>(account: Account, result: T): T {
  account.changed();
  return result;
}

function change(zone: Zone, id: string, body: Record<string, unknown>, whole: boolean): DnsRecord {
  if (whole && !('type' in body && 'name' in body && 'content' in body)) {
    throw new ApiError(400, 9000, 'DNS Validation Error', {
      chain: [{ code: 9000, message: 'type, name and content are required' }],
    });
  }
  const reset = whole ? { proxied: false, comment: null, tags: [], ttl: 1 } : {};
  return zone.change(id, { ...reset, ...body });
}

/** Deletes, patches, puts and posts, in this order, all of them or none. */
function batch({ account, params, body }: Call): unknown {
  const zone = account.zone(params.zone ?? '');
  const [deletes, patches, puts, posts] = (['deletes', 'patches', 'puts', 'posts'] as const).map((field) =>
    listOf(body, field),
  );
  const count = [deletes, patches, puts, posts].reduce((sum, list) => sum + (list?.length ?? 0), 0);
  if (count > account.profile.recordsPerBatch) {
    throw new ApiError(400, 81_062, `The batch holds ${count} changes, more than ${account.profile.recordsPerBatch}`);
  }
  return zone.transaction(() => ({
    deletes: deletes?.map((one) => zone.remove(String(one.id))) ?? null,
    patches: patches?.map((one) => change(zone, String(one.id), one, false)) ?? null,
    puts: puts?.map((one) => change(zone, String(one.id), one, true)) ?? null,
    posts: posts?.map((one) => zone.add(one, account.profile)) ?? null,
  }));
}

function listOf(body: Record<string, unknown>, field: string): Record<string, unknown>[] | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  const isList = Array.isArray(value) && value.every((one) => one !== null && typeof one === 'object');
  if (!isList) throw new ApiError(400, 9207, `${field} must be a list of records`);
  if (field !== 'posts' && !value.every(({ id }) => typeof id === 'string')) {
    throw new ApiError(400, 9207, `${field} must have ids`);
  }
  return value as Record<string, unknown>[];
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : Number(a > b);
}

function matches(record: DnsRecord, query: URLSearchParams): boolean {
  const wanted: boolean[] = [];
  const type = query.get('type');
  if (type !== null) wanted.push(record.type === type);
  const proxied = query.get('proxied');
  if (proxied !== null) wanted.push(record.proxied === (proxied === 'true'));
  const search = query.get('search');
  if (search !== null) wanted.push(`${record.name} ${record.content} ${record.comment ?? ''}`.includes(search));
  for (const field of FILTERED) {
    const text = record[field] ?? '';
    for (const operator of [undefined, ...OPERATORS]) {
      const value = query.get(operator ? `${field}.${operator}` : field)?.toLowerCase();
      if (value !== undefined) wanted.push(holds(text.toLowerCase(), value, operator ?? 'exact'));
    }
  }
  return query.get('match') === 'any' && wanted.length > 0 ? wanted.some(Boolean) : wanted.every(Boolean);
}

function holds(text: string, value: string, operator: (typeof OPERATORS)[number]): boolean {
  if (operator === 'exact') return text === value;
  if (operator === 'contains') return text.includes(value);
  return operator === 'startswith' ? text.startsWith(value) : text.endsWith(value);
}
