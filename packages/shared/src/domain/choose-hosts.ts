/** Ports for customers and those for staging aren't mixed. */
export type PortPool = 'staging' | 'customer';

/** A site that needs a host. */
export interface WantsPlace {
  siteId: string;
  pool: PortPool;
  /** the port it wishes; null for any */
  port: number | null;
  /** its container's limit and its connector's share */
  bytes: number;
  /** hosts on which something of it is still left */
  notOn: readonly string[];
}

/** A host that takes sites, with what is left of it. */
export interface HostRoom {
  id: string;
  freeBytes: number;
  /** as many as are asked for at most */
  openPorts: Readonly<Record<PortPool, number>>;
  /** of the wished ports, those that are open here */
  openWished: readonly number[];
}

/** Why no host takes a site; what is missing comes in the order in which it's looked for. */
export type NoChoice = 'no-host' | 'port-taken' | 'no-port' | 'no-memory';

export type Choice = { hostId: string } | { why: NoChoice };

/**
 * Chooses hosts for sites, in their order: of those that have the port and the memory the one with most memory free, and of equal ones
 * the first by name. What one site gets, the next doesn't.
 */
export function chooseHosts(sites: readonly WantsPlace[], hosts: readonly HostRoom[]): Map<string, Choice> {
  const left = hosts.map((host) => ({
    ...host,
    openPorts: { ...host.openPorts },
    openWished: new Set(host.openWished),
  }));
  const choices = new Map<string, Choice>();
  for (const site of sites) {
    const suited = left.filter(({ id }) => !site.notOn.includes(id));
    const withPort = suited.filter((host) =>
      site.port === null ? host.openPorts[site.pool] > 0 : host.openWished.has(site.port),
    );
    const [chosen] = withPort
      .filter(({ freeBytes }) => freeBytes >= site.bytes)
      .sort((one, other) => other.freeBytes - one.freeBytes || (one.id < other.id ? -1 : 1));
    if (!chosen) {
      choices.set(site.siteId, { why: whyNone(site, suited.length, withPort.length) });
      continue;
    }
    chosen.freeBytes -= site.bytes;
    chosen.openPorts[site.pool] -= 1;
    if (site.port !== null) chosen.openWished.delete(site.port);
    choices.set(site.siteId, { hostId: chosen.id });
  }
  return choices;
}

function whyNone({ port }: WantsPlace, suited: number, withPort: number): NoChoice {
  if (suited === 0) return 'no-host';
  if (withPort > 0) return 'no-memory';
  return port === null ? 'no-port' : 'port-taken';
}
