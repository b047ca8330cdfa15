import { commonSettings, type Environment, parseConfig } from '@berth/shared/runtime/config';
import { webhookSettings } from '@berth/shared/runtime/webhook-settings';
import { z } from 'zod';

/** The settings of the notifier. */
export const notifierSettings = z.object({
  ...commonSettings,
  ...webhookSettings,
});

export type NotifierConfig = z.output<typeof notifierSettings>;

/** @throws ConfigError */
export function parseNotifierConfig(environment: Environment): NotifierConfig {
  return parseConfig(notifierSettings, environment);
}
