import { hostname } from 'node:os';
import { cloudflareSettings } from '@berth/cloudflare/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

const absolutePath = () => z.string().regex(/^\/[\w./-]+$/, 'must be an absolute path of letters, digits, . _ - and /');

const sharedSchema = z.object({
  ...commonSettings,
  /** edge: tunnels, routes and proof, with the account's token; host: this machine's connectors */
  TUNNEL_ROOMS: z.enum(['edge,host', 'host,edge', 'edge', 'host']).default('edge,host'),
  HOST_ID: setting.hostId().default(toHostId(hostname())),
  TUNNEL_CONFIG_DIR: absolutePath().default('/etc/cloudflared'),
  SYSTEMCTL_PATH: absolutePath().default('/usr/bin/systemctl'),
  SYSTEMD_UNIT_DIR: absolutePath().default('/etc/systemd/system'),
  CLOUDFLARED_PATH: absolutePath().default('/usr/local/bin/cloudflared'),
});

const edgeSchema = z.object({
  ...cloudflareSettings,
  /** host:port to use instead of asking the zone's name servers */
  EDGE_ADDRESS: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$/, 'must be host:port')
    .optional(),
  /** further root certificates, in PEM */
  EDGE_CA_FILE: absolutePath().optional(),
});

export type EdgeConfig = z.output<typeof edgeSchema>;
export type HostConfig = z.output<typeof sharedSchema>;

export interface TunnelWorkerConfig extends HostConfig {
  /** undefined where only the host room runs */
  edge: EdgeConfig | undefined;
  hasHostRoom: boolean;
}

/** @throws ConfigError */
export function parseTunnelWorkerConfig(environment: Environment): TunnelWorkerConfig {
  // Rooms that can't be read are a problem like any other: all of them are told at once.
  const hasEdgeRoom = environment.TUNNEL_ROOMS !== 'host';
  const all = parseConfig(hasEdgeRoom ? sharedSchema.extend({ ...edgeSchema.shape }) : sharedSchema, environment);
  return {
    ...all,
    edge: hasEdgeRoom ? parseConfig(edgeSchema, environment) : undefined,
    hasHostRoom: all.TUNNEL_ROOMS.split(',').includes('host'),
  };
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
