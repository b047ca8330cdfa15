import { cloudflareSettings } from '@berth/cloudflare/settings';
import { delegationSettings } from '@berth/edge/dns/settings';
import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { arePortsInOrder, customerPortSettings, portsOutOfOrder } from '@berth/shared/runtime/host-settings';
import { imageSettings } from '@berth/shared/runtime/image-settings';
import { webhookSettings } from '@berth/shared/runtime/webhook-settings';
import { z } from 'zod';

/** The settings of the API. */
export const apiSettings = z
  .object({
    ...commonSettings,
    API_HOST: z.string().min(1).default('127.0.0.1').describe('the address at which the API listens'),
    API_PORT: setting
      .integer(0, 65_535)
      .default(8080)
      .describe('the port at which the API listens; 0 takes a free one'),
    API_STREAMS_PER_CALLER: setting
      .integer(1, 10_000)
      .default(50)
      .describe(
        'how many event streams an API key or somebody who has signed in may have open at once, in each process',
      ),
    PUBLIC_URL: setting
      .url('https:', 'http:')
      .transform((text) => new URL(text).origin)
      .optional()
      .describe(
        'where people open the portal, such as https://portal.example.org: links in mails lead there, and with https cookies are sent by it alone; the address at which the API listens when not set',
      ),
    SUPPORT_EMAIL: z
      .email('must be an e-mail address')
      .optional()
      .describe(
        'where customers write to for help: on each of their pages in the portal; nobody is named when not set',
      ),
    PORTAL_DIR: setting.absolutePath().optional().describe('where the built portal is; beside the API when not set'),
    ...customerPortSettings,
    ...imageSettings,
    ...webhookSettings,
    ...delegationSettings,
    BERTH_RESERVED_DOMAINS: z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim().toLowerCase())
          .filter((name) => name !== ''),
      )
      .describe('domains that no order may have, separated by commas'),
    CF_ZONE_ID: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
      .optional()
      .describe("the shop's own zone: no order may have its domain"),
    CF_API_TOKEN: cloudflareSettings.CF_API_TOKEN.optional(),
    CF_ACCOUNT_ID: cloudflareSettings.CF_ACCOUNT_ID.optional(),
    CF_API_BASE_URL: cloudflareSettings.CF_API_BASE_URL,
    CF_BUDGET_PER_5_MIN: cloudflareSettings.CF_BUDGET_PER_5_MIN,
  })
  .refine(arePortsInOrder, portsOutOfOrder);

export type ApiConfig = z.output<typeof apiSettings>;

/** @throws ConfigError */
export function parseApiConfig(environment: Environment): ApiConfig {
  return parseConfig(apiSettings, environment);
}
