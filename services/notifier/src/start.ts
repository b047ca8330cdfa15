import type { Context } from '@berth/shared/runtime/context';
import type { Running } from '@berth/shared/runtime/worker';
import { makePostJson } from './adapters/public-http.ts';
import type { Channels } from './channels/registry.ts';
import { makeWebhookChannel } from './channels/webhook.ts';
import type { NotifierConfig } from './config.ts';
import { makeNotifier, type Notifier } from './notifier.ts';

/** Starts the notifier: what happened to sites becomes deliveries, and deliveries are sent. */
export async function startNotifier(config: NotifierConfig, context: Context): Promise<Running & Notifier> {
  const { db, vault, clock, chance, owner } = context;
  const log = context.log.child({ service: 'notifier' });
  const post = makePostJson({ addresses: config.WEBHOOK_ALLOW_PRIVATE, now: () => clock.date() });
  const channels = { webhook: makeWebhookChannel({ db, vault, clock, post }) } satisfies Channels;
  const notifier = makeNotifier({ db, channels, clock, chance, log, owner });
  notifier.start();
  return {
    ...notifier,
    async drain(timeoutMs) {
      await notifier.drain(timeoutMs);
      await post.close();
    },
  };
}
