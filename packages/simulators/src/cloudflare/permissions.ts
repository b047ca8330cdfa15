/** All that a token may be allowed. */
export const permissions = [
  'zone.read',
  'zone.edit',
  'dns.read',
  'dns.edit',
  'tunnel.read',
  'tunnel.edit',
  'access.edit',
  'access.tokens',
  'waf.read',
  'waf.edit',
  'config.read',
  'config.edit',
  'analytics.read',
  'logs.read',
  'logs.edit',
] as const;

/** What a token may do. */
export type Permission = (typeof permissions)[number];
