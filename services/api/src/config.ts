import { cloudflareSettings } from '@berth/cloudflare/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

const schema = z
  .object({
    ...commonSettings,
    API_HOST: z.string().min(1).default('127.0.0.1'),
    API_PORT: setting.integer(0, 65_535).default(8080),
    CUSTOMER_PORT_START: setting.integer(3100, 3999).default(3100),
    CUSTOMER_PORT_END: setting.integer(3100, 3999).default(3999),
    /** domains that no order may have, separated by commas */
    BERTH_RESERVED_DOMAINS: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim().toLowerCase())
          .filter((name) => name !== ''),
      ),
    /** the shop's own zone: no order may have its domain */
    CF_ZONE_ID: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
      .optional(),
    CF_API_TOKEN: cloudflareSettings.CF_API_TOKEN.optional(),
    CF_ACCOUNT_ID: cloudflareSettings.CF_ACCOUNT_ID.optional(),
    CF_API_BASE_URL: cloudflareSettings.CF_API_BASE_URL,
    CF_BUDGET_PER_5_MIN: cloudflareSettings.CF_BUDGET_PER_5_MIN,
  })
  .refine((config) => config.CUSTOMER_PORT_START <= config.CUSTOMER_PORT_END, {
    path: ['CUSTOMER_PORT_END'],
    message: 'must not be below CUSTOMER_PORT_START',
  });

export type ApiConfig = z.output<typeof schema>;

/** @throws ConfigError */
export function parseApiConfig(environment: Environment): ApiConfig {
  return parseConfig(schema, environment);
}
