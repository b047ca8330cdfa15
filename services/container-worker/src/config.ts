import { hostname } from 'node:os';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

const schema = z
  .object({
    ...commonSettings,
    HOST_ID: setting.hostId().default(toHostId(hostname())),
    DOCKER_HOST: setting.url('unix:', 'tcp:', 'http:').default('unix:///var/run/docker.sock'),
    CUSTOMER_PORT_START: setting.integer(3100, 3999).default(3100),
    CUSTOMER_PORT_END: setting.integer(3100, 3999).default(3999),
    /** the containers' networks are cut from it, sixteen addresses each */
    BERTH_SUBNET_POOL: z
      .string()
      .refine(isLargeNetwork, 'must be an IPv4 network of /16 or larger, such as 10.200.0.0/16')
      .default('10.200.0.0/16'),
    /** how long a new container may take until it answers on its health path */
    HEALTH_START_SECONDS: setting.integer(1, 3600).default(60),
    IMAGE_PULL_SECONDS: setting.integer(10, 3600).default(600),
  })
  .refine((config) => config.CUSTOMER_PORT_START <= config.CUSTOMER_PORT_END, {
    path: ['CUSTOMER_PORT_END'],
    message: 'must not be below CUSTOMER_PORT_START',
  });

export type ContainerWorkerConfig = z.output<typeof schema>;

/** @throws ConfigError */
export function parseContainerWorkerConfig(environment: Environment): ContainerWorkerConfig {
  return parseConfig(schema, environment);
}

/** Whether the text is the first address of an IPv4 network of /8 to /16, with its length: room for 4096 slots of /28. */
function isLargeNetwork(text: string): boolean {
  const [, address = '', bits] = /^((?:\d{1,3}\.){3}\d{1,3})\/(8|9|1[0-6])$/.exec(text) ?? [];
  const octets = address.split('.').map(Number);
  const number = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return octets.length === 4 && octets.every((octet) => octet <= 255) && number % 2 ** (32 - Number(bits)) === 0;
}

/** A machine's name, cut to what a host's id may be. */
function toHostId(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 32);
  return id || 'host';
}
