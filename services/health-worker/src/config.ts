import { edgeProbeSettings } from '@berth/edge/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import {
  dockerSettings,
  healthStartSettings,
  hostSettings,
  systemctlSettings,
} from '@berth/shared/runtime/host-settings';
import { z } from 'zod';

/** The settings of the health-worker. */
export const healthWorkerSettings = z.object({
  ...commonSettings,
  ...hostSettings,
  ...dockerSettings,
  ...systemctlSettings,
  ...healthStartSettings,
  CHECK_INTERVAL_SECONDS: setting
    .integer(1, 3600)
    .default(60)
    .describe('how often each container and tunnel of a host is looked at'),
  HEALTH_TIMEOUT_SECONDS: setting
    .integer(1, 60)
    .default(10)
    .describe('a container that does not answer on its health path within this time is unreachable'),
  EDGE_CHECK_SECONDS: setting
    .integer(0, 86_400)
    .default(300)
    .describe("how often each site is looked at through Cloudflare's edge; 0: never, where hosts can't reach it"),
  ...edgeProbeSettings,
  HEALTH_FAILURES: setting
    .integer(1, 100)
    .default(2)
    .describe('failing checks in a row until something is restarted, and told'),
  HEALTH_RETENTION_DAYS: setting.integer(1, 365).default(14).describe('for how many days each single check is kept'),
});

export type HealthWorkerConfig = z.output<typeof healthWorkerSettings>;

/** @throws ConfigError */
export function parseHealthWorkerConfig(environment: Environment): HealthWorkerConfig {
  return parseConfig(healthWorkerSettings, environment);
}
