import type { Account } from './account.ts';
import type { Permission } from './permissions.ts';
import { planNames } from './rules/plan.ts';
import type { Zone } from './zone.ts';

/** What the token may do with a zone, in the zone's own words. */
const SHOWN: Readonly<Partial<Record<Permission, string>>> = {
  'zone.read': '#zone:read',
  'zone.edit': '#zone:edit',
  'dns.read': '#dns_records:read',
  'dns.edit': '#dns_records:edit',
  'waf.read': '#waf:read',
  'waf.edit': '#waf:edit',
  'config.read': '#config_settings:read',
  'config.edit': '#config_settings:edit',
  'analytics.read': '#analytics:read',
  'logs.read': '#logs:read',
  'logs.edit': '#logs:edit',
};

/** A zone as the API shows it; the fields are those of a captured answer. */
export function showZone(zone: Zone, account: Account): unknown {
  return {
    id: zone.id,
    name: zone.name,
    status: zone.status,
    paused: zone.paused,
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
    owner: { id: null, type: 'user', email: null },
    account: { id: account.id, name: account.name },
    tenant: { id: null, name: null },
    tenant_unit: { id: null },
    permissions: [...account.permissions].flatMap((permission) => SHOWN[permission] ?? []),
    plan: {
      id: '0feeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
      name: planNames[zone.plan],
      price: 0,
      currency: 'USD',
      frequency: '',
      is_subscribed: false,
      can_subscribe: false,
      legacy_id: zone.plan,
      legacy_discount: false,
      externally_managed: false,
    },
  };
}
