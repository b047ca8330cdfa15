import { domainToASCII } from 'node:url';
import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Call, Route } from './call.ts';
import { toPage } from './page.ts';
import { showZone } from './show-zone.ts';
import type { Zone } from './zone.ts';

const ORDERS: Readonly<Record<string, (zone: Zone) => string>> = {
  name: (zone) => zone.name,
  status: (zone) => zone.status,
};
const OPERATORS: Readonly<Record<string, (name: string, value: string) => boolean>> = {
  equal: (name, value) => name === value,
  contains: (name, value) => name.includes(value),
  starts_with: (name, value) => name.startsWith(value),
  ends_with: (name, value) => name.endsWith(value),
};

export const zoneRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/zones',
    needs: 'zone.read',
    query: {
      name: 'text',
      status: ['initializing', 'pending', 'active', 'moved'],
      'account.id': 'text',
      'account.name': 'text',
      type: ['full', 'partial', 'secondary', 'internal'],
      order: Object.keys(ORDERS),
      direction: ['asc', 'desc'],
      match: ['any', 'all'],
      page: 'text',
      per_page: 'text',
    },
    handle: list,
  },
  {
    method: 'POST',
    path: '/zones',
    fields: ['account', 'name', 'type', 'jump_start'],
    handle: ({ account, body }) => {
      const { name, type = 'full' } = body;
      const wanted = body.account;
      const accountId = wanted !== null && typeof wanted === 'object' && 'id' in wanted ? wanted.id : undefined;
      if (accountId !== account.id) throw createForbidden();
      if (type !== 'full') throw new ApiError(400, 1001, 'Invalid zone type');
      if (!isDomain(name)) throw new ApiError(400, 1002, 'Invalid domain');
      return { result: showZone(account.createZone(name), account) };
    },
  },
  {
    method: 'GET',
    path: '/zones/:zone',
    needs: 'zone.read',
    handle: (call) => ({ result: showZone(zoneOf(call), call.account) }),
  },
  {
    method: 'PATCH',
    path: '/zones/:zone',
    needs: 'zone.edit',
    fields: ['paused', 'type', 'vanity_name_servers'],
    handle: edit,
  },
  {
    method: 'DELETE',
    path: '/zones/:zone',
    needs: 'zone.edit',
    handle: (call) => {
      const zone = zoneOf(call);
      call.account.removeZone(zone);
      return { result: { id: zone.id } };
    },
  },
  {
    method: 'PUT',
    path: '/zones/:zone/activation_check',
    needs: 'zone.edit',
    handle: (call) => {
      const zone = zoneOf(call);
      if (zone.status !== 'pending') throw new ApiError(400, 1224, 'You may only check zones that are pending');
      if (Date.now() - zone.checkedAtMs < call.account.profile.activationCheckMs) {
        throw new ApiError(400, 1224, 'You may only perform this action once per hour');
      }
      zone.checkedAtMs = Date.now();
      return { result: { id: zone.id } };
    },
  },
];

/** The refusal that carries no code of its own. */
export function createForbidden(): ApiError {
  return new ApiError(
    403,
    0,
    'Requires permission "com.cloudflare.api.account.zone.create" to create zones for the selected account',
  );
}

function zoneOf({ account, params }: Call): Zone {
  return account.zone(params.zone ?? '');
}

function isDomain(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= 253 &&
    domainToASCII(name) === name &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(name)
  );
}

function list({ account, query }: Call) {
  const order = ORDERS[query.get('order') ?? 'name'] ?? ((zone: Zone) => zone.name);
  const named = query.get('name');
  // By name, 10,000 zones needn't be looked through.
  const candidates =
    named !== null && !named.includes(':') && query.get('match') !== 'any'
      ? [account.zoneNamed(named)].flatMap((zone) => zone ?? [])
      : account.zones();
  const found = candidates.filter((zone) => matches(zone, account, query));
  const sign = query.get('direction') === 'desc' ? -1 : 1;
  found.sort((a, b) => sign * compare(order(a), order(b)));
  return toPage(found, query, { min: 5, max: 50, usual: 20 }, (zone) => showZone(zone, account));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function matches(zone: Zone, account: Account, query: URLSearchParams): boolean {
  const accountId = query.get('account.id');
  const accountName = query.get('account.name');
  // Whatever `match` says: nobody sees zones of accounts that aren't theirs.
  if (accountId !== null && accountId !== account.id) return false;
  if (accountName !== null && accountName !== account.name) return false;
  const wanted: boolean[] = [];
  const name = query.get('name');
  const status = query.get('status');
  const types = query.getAll('type');
  if (name !== null) wanted.push(nameMatches(zone.name, name));
  if (status !== null) wanted.push(zone.status === status);
  if (types.length > 0) wanted.push(types.includes('full'));
  return query.get('match') === 'any' && wanted.length > 0 ? wanted.some(Boolean) : wanted.every(Boolean);
}

function nameMatches(name: string, wanted: string): boolean {
  const [operator = '', value = ''] = wanted.includes(':') ? wanted.split(':', 2) : ['equal', wanted];
  const holds = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (!holds) throw new ApiError(400, 1001, `Invalid value for name: ${operator} is no operator`);
  return holds(name, value);
}

/** One thing at a time, as the API wants it. */
function edit(call: Call) {
  const zone = zoneOf(call);
  const [field, ...more] = Object.keys(call.body);
  if (field === undefined || more.length > 0)
    throw new ApiError(400, 1001, 'Only one zone property can be changed at a time');
  const { paused, type } = call.body;
  if (field === 'paused') {
    if (typeof paused !== 'boolean') throw new ApiError(400, 1001, 'Invalid value for paused');
    zone.paused = paused;
  } else if (field !== 'type' || type !== 'full') {
    throw new ApiError(400, 1001, `The plan of the zone does not allow this ${field}`);
  }
  zone.modifiedOn = new Date().toISOString();
  call.account.changed();
  return { result: showZone(zone, call.account) };
}
