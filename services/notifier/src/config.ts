import { commonSettings, type Environment, parseConfig, setting } from '@berth/shared/runtime/config';
import { Secret } from '@berth/shared/runtime/secret';
import { webhookSettings } from '@berth/shared/runtime/webhook-settings';
import { z } from 'zod';

const FROM = /^(?:(?<name>[^<>\p{Cc}]*)<(?<inside>[^<>\s]+@[^<>\s]+)>|(?<bare>[^<>\s]+@[^<>\s]+))$/u;

/** A secret travels in clear text within this machine only. */
function isSafeToCall(text: string): boolean {
  const url = new URL(text);
  return url.protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}

/** The settings of the notifier. */
export const notifierSettings = z
  .object({
    ...commonSettings,
    ...webhookSettings,
    SLACK_WEBHOOK_URL: setting
      .url('https:', 'http:')
      .refine(isSafeToCall, 'must begin with https://')
      .transform((value) => new Secret(value))
      .optional()
      .describe("where operators are told in Slack: an incoming webhook's address, which is a secret"),
    ADMIN_EMAIL: z
      .email('must be an e-mail address')
      .optional()
      .describe('where operators are told by e-mail; takes `SMTP_URL`'),
    SMTP_URL: setting
      .url('smtp:', 'smtps:')
      .transform((value) => new Secret(value))
      .optional()
      .describe(
        'by which server e-mail is sent: `smtps://user:password@host:465`, `smtp://user:password@host:587?requireTLS=true`',
      ),
    SMTP_FROM: z
      .string()
      .transform((text, context) => {
        const { name = '', inside, bare } = FROM.exec(text.trim())?.groups ?? {};
        const address = inside ?? bare;
        if (address) return { name: name.trim(), address };
        context.addIssue({
          code: 'custom',
          message: 'must be an address, or a name and an address: Berth <berth@example.org>',
        });
        return z.NEVER;
      })
      .optional()
      .describe('the sender of e-mail: `Berth <berth@example.org>`; required with `SMTP_URL`'),
    HEARTBEAT_URL: setting
      .url('https:', 'http:')
      .transform((value) => new Secret(value))
      .optional()
      .describe('is called each minute while all is well, for somebody outside to notice when it is not'),
  })
  .refine(({ SMTP_URL, SMTP_FROM }) => !SMTP_URL || SMTP_FROM, {
    path: ['SMTP_FROM'],
    message: 'is required with SMTP_URL',
  });

export type NotifierConfig = z.output<typeof notifierSettings>;

/** @throws ConfigError */
export function parseNotifierConfig(environment: Environment): NotifierConfig {
  return parseConfig(notifierSettings, environment);
}
