import { cloudflareSettings } from '@berth/cloudflare/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

const schema = z.object({
  ...commonSettings,
  ...cloudflareSettings,
  /** create: zones are made for orders; find: the customer adds them, Berth looks for them */
  ZONE_MODE: z.enum(['create', 'find']).default('create'),
  ZONE_SWEEP_SECONDS: setting.integer(1, 3600).default(30),
  PORT_REST_SECONDS: setting.integer(0, 86_400).default(600),
});

export type DomainWatcherConfig = z.output<typeof schema>;

/** @throws ConfigError */
export function parseDomainWatcherConfig(environment: Environment): DomainWatcherConfig {
  return parseConfig(schema, environment);
}
