import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './api-error.ts';
import type { Call, Route } from './call.ts';
import type { DnsRecord } from './dns-record.ts';

/**
 * The scan of a zone's former name servers, as the SDK's types describe it: what it finds is kept beside the zone until it is accepted
 * or rejected.
 */
export const scanRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/zones/:zone/dns_records/scan/trigger',
    needs: 'dns.edit',
    fields: [],
    handle: ({ account, params }) => {
      account.scan(account.zone(params.zone ?? ''));
      // The answer has no result at all.
      return { result: undefined };
    },
  },
  {
    method: 'GET',
    path: '/zones/:zone/dns_records/scan/review',
    needs: 'dns.read',
    handle: ({ account, params }) => ({ result: account.zone(params.zone ?? '').found() }),
  },
  {
    method: 'POST',
    path: '/zones/:zone/dns_records/scan/review',
    needs: 'dns.edit',
    fields: ['accepts', 'rejects'],
    handle: review,
  },
];

/** All of it or nothing. Both lists must be there, as the real service wants them. */
function review({ account, params, body }: Call) {
  const zone = account.zone(params.zone ?? '');
  const accepts = listOf(body, 'accepts');
  const rejects = listOf(body, 'rejects');
  const result = zone.transaction(() => ({
    accepts: accepts.map((one) => {
      const record = zone.add(one, account.profile);
      zone.takeFound((found) => isSame(found, record));
      return record;
    }),
    rejects: rejects.map(({ id }) => zone.takeFound((found) => found.id === id).id),
  }));
  account.changed();
  return { result };
}

function isSame(found: DnsRecord, { type, name, content, priority }: DnsRecord): boolean {
  const { type: t, name: n, content: c, priority: p } = found;
  return isDeepStrictEqual([t, n, c, p], [type, name, content, priority]);
}

function listOf(body: Record<string, unknown>, field: string): Record<string, unknown>[] {
  const value = body[field];
  const isList = Array.isArray(value) && value.every((one) => one !== null && typeof one === 'object');
  if (!isList) throw new ApiError(400, 9207, `${field} must be a list of records`);
  return value as Record<string, unknown>[];
}
