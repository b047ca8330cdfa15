import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Call, Route } from './call.ts';
import type { DnsRecord } from './dns-record.ts';
import { toPage } from './page.ts';
import type { Zone } from './zone.ts';

const FILTERED = ['name', 'content', 'comment'] as const;
const OPERATORS = ['exact', 'contains', 'startswith', 'endswith'] as const;
const LIST_QUERY = [
  'type',
  'proxied',
  'match',
  'search',
  'order',
  'direction',
  'page',
  'per_page',
  ...FILTERED.flatMap((field) => [field, ...OPERATORS.map((operator) => `${field}.${operator}`)]),
];

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
  if (!Array.isArray(value)) throw new ApiError(400, 9207, `${field} must be a list`);
  return value as Record<string, unknown>[];
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
