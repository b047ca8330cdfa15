import { cloudflareSettings } from '@berth/cloudflare/settings';
import { delegationSettings } from '@berth/edge/dns/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

/** The settings of the domain-watcher. */
export const domainWatcherSettings = z.object({
  ...commonSettings,
  ...cloudflareSettings,
  ZONE_MODE: z
    .enum(['create', 'find'])
    .default('create')
    .describe('create: Berth makes the zones; find: the customer adds them, and Berth looks for them'),
  ZONE_SWEEP_SECONDS: setting.integer(1, 3600).default(30).describe('how often the pending zones are looked at'),
  ...delegationSettings,
  TRAFFIC_SECONDS: setting
    .integer(1, 86_400)
    .default(3600)
    .describe("how often the traffic of all zones is read; Cloudflare's hours are kept for three days"),
  TRAFFIC_QUERIES_PER_5_MIN: setting
    .integer(1, 300)
    .default(200)
    .describe('queries about traffic in any five minutes, ten zones each; Cloudflare allows 300'),
  TRAFFIC_RETENTION_DAYS: setting.integer(4, 400).default(90).describe('how long hours of traffic are kept'),
  ZONE_SCAN_SECONDS: setting
    .integer(0, 600)
    .default(60)
    .describe(
      "how long Cloudflare's scan of a domain's present name servers is given; it is looked at after half of that, and customers are told the name servers after it",
    ),
  DNS_PATIENCE_SECONDS: setting
    .integer(0, 86_400)
    .default(60)
    .describe(
      'for how long nobody may answer how a domain gets its mail, or whether it is signed, before its customer is told the name servers all the same',
    ),
  HOST_DOWN_SECONDS: setting
    .integer(0, 86_400)
    .default(60)
    .describe(
      'how long a host must have been down, 30 seconds after its last sign of life, before its sites that are not live yet go to others',
    ),
  PORT_REST_SECONDS: setting.integer(0, 86_400).default(600).describe('how long a freed port is left alone'),
});

export type DomainWatcherConfig = z.output<typeof domainWatcherSettings>;

/** @throws ConfigError */
export function parseDomainWatcherConfig(environment: Environment): DomainWatcherConfig {
  return parseConfig(domainWatcherSettings, environment);
}
