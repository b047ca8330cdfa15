import { hostname } from 'node:os';
import { z } from 'zod';
import { parseHostMemory, parseLabels } from '../domain/capacity.ts';
import { setting } from './config.ts';

/** The setting that names the host of a per-host worker. */
export const hostSettings = {
  HOST_ID: setting.hostId().default(toHostId(hostname())).meta({
    description: "this machine's name among the hosts; never changed once it has sites",
    default: "the machine's host name",
  }),
};

/** Where the programs of this host are that run containers and tunnels. */
export const dockerSettings = {
  DOCKER_HOST: setting
    .url('unix:', 'tcp:', 'http:')
    .default('unix:///var/run/docker.sock')
    .describe("where this host's Docker Engine listens"),
};
export const systemctlSettings = {
  SYSTEMCTL_PATH: setting
    .absolutePath()
    .default('/usr/bin/systemctl')
    .describe("the program that speaks to this host's systemd"),
};
export const journalSettings = {
  JOURNALCTL_PATH: setting
    .absolutePath()
    .default('/usr/bin/journalctl')
    .describe("the program that reads this host's journal"),
};

/** How much is kept of what a site's container and tunnel write. */
export const lineSettings = {
  LOG_RETENTION_DAYS: setting
    .integer(1, 365)
    .default(14)
    .describe('how long lines of containers and tunnels are kept, in days'),
  LOG_SITE_BYTES: setting
    .integer(10_000, 1_000_000_000)
    .default(10_000_000)
    .describe("how many bytes of its container's and tunnel's lines a site may have; the oldest are deleted"),
};

/** What a container is given before its failures count. */
export const healthStartSettings = {
  HEALTH_START_SECONDS: setting
    .integer(1, 3600)
    .default(60)
    .describe('how long a new container may take until it answers on its health path'),
};

/** What a host says of its room, and for whom it's meant. */
export const capacitySettings = {
  HOST_MEMORY: z
    .string()
    .transform((text, context) => {
      const memory = parseHostMemory(text);
      if (memory.ok) return memory.value;
      context.addIssue({ code: 'custom', message: memory.problem });
      return z.NEVER;
    })
    .optional()
    .meta({
      description:
        "the memory that may be promised to sites, such as 60g: each takes its container's limit and 45 MB for its connector",
      default: 'all that Docker says the machine has',
    }),
  HOST_MEMORY_OVERCOMMIT: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,3})?$/, 'must be a number such as 1.5')
    .transform(Number)
    .refine((times) => times >= 0.1 && times <= 20, 'must be from 0.1 to 20')
    .default(1)
    .describe('how many times that memory may be promised; more than 1 where sites seldom use all of their own'),
  HOST_LABELS: z
    .string()
    .transform((text, context) => {
      const labels = parseLabels(text);
      if (labels.ok) return labels.value;
      context.addIssue({ code: 'custom', message: labels.problem });
      return z.NEVER;
    })
    .default({})
    .meta({
      description: 'what operators know this host by, shown in `GET /v1/hosts`: `region=eu,rack=7`',
      default: '–',
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
