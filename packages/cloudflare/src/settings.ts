import { setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

/** The settings of a service that speaks to Cloudflare. */
export const cloudflareSettings = {
  CF_API_TOKEN: setting.secret().describe('an API token, best owned by the account; its permissions are in the README'),
  CF_ACCOUNT_ID: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits')
    .describe('the account that zones and tunnels are made in'),
  CF_API_BASE_URL: setting
    .url('https:', 'http:')
    .optional()
    .describe("another address of Cloudflare's API, for the simulators"),
  CF_BUDGET_PER_5_MIN: setting
    .integer(60, 1_000_000)
    .default(1200)
    .describe('calls in any five minutes, of all processes together; Cloudflare allows 1,200'),
};
