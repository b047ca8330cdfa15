/** A permission of the token, by its name at Cloudflare, and what Berth does with it. */
export interface TokenPermission {
  id: string;
  name: string;
  purpose: string;
  /** what doesn't work without it */
  without: string;
}

/** All permissions that a token may be given for Berth: the seed's four, the one to make zones by itself, and those of single features. */
export const tokenPermissions = {
  tunnel: {
    id: 'cloudflare.permission.tunnel',
    name: 'Account → Cloudflare Tunnel: Edit',
    purpose: 'makes and removes tunnels',
    without: 'no site gets a tunnel',
  },
  dns: {
    id: 'cloudflare.permission.dns',
    name: 'Zone → DNS: Edit',
    purpose: 'leads domains to tunnels, and puts back what was there',
    without: 'no site gets its DNS records',
  },
  zoneRead: {
    id: 'cloudflare.permission.zone-read',
    name: 'Zone → Zone: Read',
    purpose: 'finds zones and watches them become active',
    without: 'no order gets beyond its zone',
  },
  zoneEdit: {
    id: 'cloudflare.permission.zone-edit',
    name: 'Zone → Zone: Edit, for all zones of the account',
    purpose: 'makes a zone for an order (ZONE_MODE=create)',
    without: 'orders wait with ZoneCreateForbidden',
  },
  analytics: {
    id: 'cloudflare.permission.analytics',
    name: 'Zone → Analytics: Read',
    purpose: "reads the sites' traffic and the sample of their requests",
    without: 'the pages of visitors and of requests stay empty; all else works',
  },
  logs: {
    id: 'cloudflare.permission.logs',
    name: 'Zone → Logs: Edit',
    purpose: 'pushes the whole log of zones whose plan has it (LOGPUSH_DESTINATION)',
    without: 'no log is pushed; all else works',
  },
  waf: {
    id: 'cloudflare.permission.waf',
    name: 'Zone → Zone WAF: Edit',
    purpose: 'keeps the rules by which sites hold up visitors by address and hold off those that ask too often',
    without: 'addresses, countries and limits of sites cannot be kept; all else works',
  },
  access: {
    id: 'cloudflare.permission.access',
    name: 'Account → Access: Apps and Policies: Edit',
    purpose: 'has visitors of protected sites sign in: an application and its policies for each',
    without: 'access policies of sites cannot be made; all else works',
  },
  accessTokens: {
    id: 'cloudflare.permission.access-tokens',
    name: 'Account → Access: Service Tokens: Edit',
    purpose: "makes and prolongs the token by which Berth's own look at a site goes through Access",
    without: 'no site gets under Access, since its health could not be seen any more; all else works',
  },
} as const satisfies Record<string, TokenPermission>;
