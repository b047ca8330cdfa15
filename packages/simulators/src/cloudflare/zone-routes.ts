import { randomBytes } from 'node:crypto';
import { domainToASCII } from 'node:url';
import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Route } from './call.ts';
import { toPage } from './page.ts';
import type { Zone } from './zone.ts';

const ORDERS: Readonly<Record<string, (zone: Zone) => string>> = {
  name: (zone) => zone.name,
  status: (zone) => zone.status,
};

export const zoneRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/zones',
    needs: 'zone.read',
    query: ['name', 'status', 'account.id', 'account.name', 'page', 'per_page', 'order', 'direction', 'match', 'type'],
    handle: ({ account, query }) => {
      const order = ORDERS[query.get('order') ?? 'name'];
      if (!order) throw new ApiError(400, 1001, 'Invalid value for order');
      const named = query.get('name');
      const candidates =
        named !== null && !named.includes(':')
          ? [account.zoneNamed(named)].flatMap((zone) => zone ?? [])
          : account.zones();
      const found = candidates.filter((zone) => matches(zone, account, query));
      const sign = query.get('direction') === 'desc' ? -1 : 1;
      found.sort((a, b) => sign * order(a).localeCompare(order(b)));
      return toPage(found, query, { min: 5, max: 50, usual: 20 }, (zone) => showZone(zone, account));
    },
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
      if (typeof name !== 'string' || domainToASCII(name) !== name || !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)) {
        throw new ApiError(400, 1002, 'Invalid domain');
      }
      return { result: showZone(account.createZone(name), account) };
    },
  },
  {
    method: 'GET',
    path: '/zones/:zone',
    needs: 'zone.read',
    handle: ({ account, params }) => ({ result: showZone(account.zone(params.zone ?? ''), account) }),
  },
  {
    method: 'DELETE',
    path: '/zones/:zone',
    needs: 'zone.edit',
    handle: ({ account, params }) => {
      const zone = account.zone(params.zone ?? '');
      account.removeZone(zone);
      return { result: { id: zone.id } };
    },
  },
  {
    method: 'PUT',
    path: '/zones/:zone/activation_check',
    needs: 'zone.edit',
    handle: ({ account, params }) => {
      const zone = account.zone(params.zone ?? '');
      if (Date.now() - zone.checkedAtMs < account.profile.activationCheckMs) {
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

function matches(zone: Zone, account: Account, query: URLSearchParams): boolean {
  const name = query.get('name');
  const status = query.get('status');
  const accountId = query.get('account.id');
  if (name !== null && !nameMatches(zone.name, name)) return false;
  if (status !== null && zone.status !== status) return false;
  return accountId === null || accountId === account.id;
}

function nameMatches(name: string, wanted: string): boolean {
  const [operator = '', value = ''] = wanted.includes(':') ? wanted.split(':', 2) : ['equal', wanted];
  if (operator === 'equal') return name === value;
  if (operator === 'contains') return name.includes(value);
  if (operator === 'starts_with') return name.startsWith(value);
  return operator === 'ends_with' && name.endsWith(value);
}

const OWNER = { id: null, type: 'user', email: null };

function showZone(zone: Zone, account: Account): unknown {
  return {
    id: zone.id,
    name: zone.name,
    status: zone.status,
    paused: false,
    type: 'full',
    development_mode: 0,
    name_servers: zone.nameServers,
    original_name_servers: ['ns1.registrar.example', 'ns2.registrar.example'],
    original_registrar: null,
    original_dnshost: null,
    modified_on: zone.modifiedOn,
    created_on: zone.createdOn,
    activated_on: zone.activatedOn,
    vanity_name_servers: [],
    vanity_name_servers_ips: null,
    meta: { step: 2, custom_certificate_quota: 0, page_rule_quota: 3, phishing_detected: false },
    owner: OWNER,
    account: { id: account.id, name: 'Simulated account' },
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: ['#zone:read', '#zone:edit', '#dns_records:read', '#dns_records:edit'],
    plan: {
      id: '0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
      name: 'Free Website',
      price: 0,
      currency: 'USD',
      frequency: '',
      is_subscribed: false,
      can_subscribe: false,
      legacy_id: 'free',
      legacy_discount: false,
      externally_managed: false,
    },
  };
}

/** An account id as Cloudflare's look. */
export function newAccountId(): string {
  return randomBytes(16).toString('hex');
}
