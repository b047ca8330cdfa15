import { cloudflareSettings } from '@berth/cloudflare/settings';
import { delegationSettings } from '@berth/edge/dns/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { Secret } from '@berth/shared/runtime/secret';
import { z } from 'zod';

/** Cloudflare's limit on GraphQL queries in any five minutes. */
export const GRAPH_QUERIES_MAX = 300;

/** The settings of the log of requests. */
const requestLogSettings = {
  REQUEST_LOG_DAYS: setting
    .integer(0, 30)
    .default(7)
    .describe("how long the sampled requests of sites are kept; 0: they aren't read at all"),
  REQUEST_LOG_SECONDS: setting
    .integer(1, 3600)
    .default(300)
    .describe('how often the sampled requests of all zones are read'),
  REQUEST_LOG_QUERIES_PER_5_MIN: setting
    .integer(1, GRAPH_QUERIES_MAX)
    .default(80)
    .describe(
      'queries about requests in any five minutes, ten zones each; at most what TRAFFIC_QUERIES_PER_5_MIN leaves of 300',
    ),
  REQUEST_LOG_ROWS_PER_DAY: setting
    .integer(1000, 1_000_000)
    .default(50_000)
    .describe('rows of requests that are kept of a zone and a day; what comes after is left out of the log'),
  REQUEST_LOG_IPV4_BITS: setting
    .integer(0, 32)
    .default(24)
    .describe("bits that are kept of visitors' IPv4 addresses in the log of requests; 0: nothing of them"),
  REQUEST_LOG_IPV6_BITS: setting
    .integer(0, 128)
    .default(48)
    .describe("bits that are kept of visitors' IPv6 addresses in the log of requests; 0: nothing of them"),
};

/** Where Cloudflare pushes the whole log of zones whose plan has it. */
const logpushSettings = {
  LOGPUSH_DESTINATION: setting
    .url('s3:', 'gs:', 'azure:', 'r2:', 'https:')
    .transform((value) => new Secret(value))
    .optional()
    .describe(
      'where Cloudflare pushes the logs of zones whose plan has Logpush, as its `destination_conf`; without it none are pushed',
    ),
  LOGPUSH_OWNERSHIP_CHALLENGE: setting
    .secret()
    .optional()
    .describe('the content of the file that Cloudflare has put at an s3, gs or azure destination'),
  LOGPUSH_CLIENT_IP: z
    .enum(['no', 'yes'])
    .default('no')
    .describe("yes: visitors' whole addresses are pushed too; Cloudflare can't shorten them"),
};

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
    .integer(1, GRAPH_QUERIES_MAX)
    .default(200)
    .describe('queries about traffic in any five minutes, ten zones each; Cloudflare allows 300'),
  ...requestLogSettings,
  ...logpushSettings,
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
