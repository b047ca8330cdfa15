import { cloudflareSettings } from '@berth/cloudflare/settings';
import { edgeProbeSettings } from '@berth/edge/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { hostSettings, journalSettings, lineSettings, systemctlSettings } from '@berth/shared/runtime/host-settings';
import { z } from 'zod';

/** The settings of the tunnel-worker in any room. */
export const tunnelWorkerSettings = z.object({
  ...commonSettings,
  TUNNEL_ROOMS: z
    .enum(['edge,host', 'host,edge', 'edge', 'host'])
    .default('edge,host')
    .describe("edge: tunnels, routes and proof, with the account's token; host: this machine's connectors"),
  ...hostSettings,
  TUNNEL_CONFIG_DIR: setting
    .absolutePath()
    .default('/etc/cloudflared')
    .describe("where the connectors' configuration and credentials lie"),
  ...systemctlSettings,
  SYSTEMD_UNIT_DIR: setting.absolutePath().default('/etc/systemd/system').describe("where the connectors' units lie"),
  CLOUDFLARED_PATH: setting
    .absolutePath()
    .default('/usr/local/bin/cloudflared')
    .describe('the program that the units start'),
  ...journalSettings,
  ...lineSettings,
});

/** What the edge room takes beside them. */
export const edgeRoomSettings = z.object({
  ...cloudflareSettings,
  ...edgeProbeSettings,
  PROTECTION_CHECK_SECONDS: setting
    .integer(10, 86_400)
    .default(3600)
    .describe(
      'how often what protects a site is compared with what stands at Cloudflare; a look takes one call for a rule and two for Access',
    ),
});

export type EdgeConfig = z.output<typeof edgeRoomSettings>;
export type HostConfig = z.output<typeof tunnelWorkerSettings>;

export interface TunnelWorkerConfig extends HostConfig {
  /** undefined where only the host room runs */
  edge: EdgeConfig | undefined;
  hasHostRoom: boolean;
}

/** @throws ConfigError */
export function parseTunnelWorkerConfig(environment: Environment): TunnelWorkerConfig {
  // Rooms that can't be read are a problem like any other: all of them are told at once.
  const hasEdgeRoom = environment.TUNNEL_ROOMS !== 'host';
  const all = parseConfig(
    hasEdgeRoom ? tunnelWorkerSettings.extend({ ...edgeRoomSettings.shape }) : tunnelWorkerSettings,
    environment,
  );
  return {
    ...all,
    edge: hasEdgeRoom ? parseConfig(edgeRoomSettings, environment) : undefined,
    hasHostRoom: all.TUNNEL_ROOMS.split(',').includes('host'),
  };
}
