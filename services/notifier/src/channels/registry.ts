import type { ChannelKind } from '@berth/contract/delivery';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import type { PostJson } from '../adapters/public-http.ts';
import type { NotifierConfig } from '../config.ts';
import type { Channel } from './channel.ts';
import { makeEmailChannel } from './email.ts';
import { makeSlackChannel } from './slack.ts';
import { makeWebhookChannel } from './webhook.ts';

/** The ways by which something is told, as far as they are set up. */
export type Channels = { [Kind in ChannelKind]: Channel | undefined };

interface Deps {
  db: Database;
  vault: Vault;
  clock: Clock;
  post: PostJson;
}

/** Makes each of them that the settings say enough about. */
export function makeChannels(config: NotifierConfig, deps: Deps): Channels {
  const { SLACK_WEBHOOK_URL: url, SMTP_URL: smtpUrl, SMTP_FROM: from } = config;
  return {
    slack: url && makeSlackChannel({ url, clock: deps.clock }),
    email: smtpUrl && from && makeEmailChannel({ smtpUrl, from, vault: deps.vault, clock: deps.clock }),
    webhook: makeWebhookChannel(deps),
  } satisfies { [Kind in ChannelKind]: Channel | undefined };
}
