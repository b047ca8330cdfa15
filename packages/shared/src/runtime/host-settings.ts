import { hostname } from 'node:os';
import { setting } from './config.ts';

/** The setting that names the host of a per-host worker. */
export const hostSettings = {
  HOST_ID: setting.hostId().default(toHostId(hostname())).meta({
    description: "this machine's name among the hosts; never changed once it has sites",
    default: "the machine's host name",
  }),
};

/** The customers' ports, which the API checks wishes against and each host registers. */
export const customerPortSettings = {
  CUSTOMER_PORT_START: setting
    .integer(3100, 3999)
    .default(3100)
    .describe("the customers' first port on each host (3000 to 3099 are staging's)"),
  CUSTOMER_PORT_END: setting.integer(3100, 3999).default(3999).describe("the customers' last port on each host"),
};

/** For `refine`: the first port isn't behind the last. */
export function arePortsInOrder(config: { CUSTOMER_PORT_START: number; CUSTOMER_PORT_END: number }): boolean {
  return config.CUSTOMER_PORT_START <= config.CUSTOMER_PORT_END;
}

/** What `refine` says when they aren't. */
export const portsOutOfOrder = { path: ['CUSTOMER_PORT_END'], message: 'must not be below CUSTOMER_PORT_START' };

/** A machine's name, cut to what a host's id may be. */
export function toHostId(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32);
  return id || 'host';
}
