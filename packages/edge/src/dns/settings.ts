import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import { setting } from '@berth/shared/runtime/config';
import type { DnsServer } from './ask-server.ts';

/** How name servers are found by those who look at how a domain is delegated. */
export const delegationSettings = {
  DNS_RESOLVER: setting
    .listenAddress()
    .refine(({ host }) => isIP(host) !== 0, 'must be an IP address and a port, such as 127.0.0.1:53')
    .optional()
    .describe("the resolver that finds a domain's parent, as address:port; the system's first one when absent"),
};

/** The resolver to ask: the one that is set, else the system's. */
export function resolverOf(setting: { host: string; port: number } | undefined): DnsServer {
  if (setting) return { address: setting.host, port: setting.port };
  const [first = '127.0.0.1'] = getServers();
  const [, address = first, port = '53'] = /^\[(.+)\]:(\d+)$/.exec(first) ?? /^([\d.]+):(\d+)$/.exec(first) ?? [];
  return { address, port: Number(port) };
}
