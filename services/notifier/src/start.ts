import type { Context } from '@berth/shared/runtime/context';
import type { Running } from '@berth/shared/runtime/worker';
import { makePostJson } from './adapters/public-http.ts';
import { makeChannels } from './channels/registry.ts';
import type { NotifierConfig } from './config.ts';
import { makeNotifier, type Notifier } from './notifier.ts';
import { operatorPlaces } from './operator-places.ts';

/** Starts the notifier: what happened to sites becomes deliveries, and deliveries are sent. */
export async function startNotifier(config: NotifierConfig, context: Context): Promise<Running & Notifier> {
  const { db, vault, clock, chance, owner } = context;
  const log = context.log.child({ service: 'notifier' });
  const post = makePostJson({ addresses: config.WEBHOOK_ALLOW_PRIVATE, now: () => clock.date() });
  const channels = makeChannels(config, { db, vault, clock, post });
  const notifier = makeNotifier({
    db,
    channels,
    clock,
    chance,
    log,
    owner,
    operators: operatorPlaces(config),
    mailsCustomers: config.SMTP_URL !== undefined,
  });
  if (config.ADMIN_EMAIL && !config.SMTP_URL) log.warn('ADMIN_EMAIL is set and SMTP_URL is not: nothing is sent there');
  notifier.start();
  return {
    ...notifier,
    async drain(timeoutMs) {
      await notifier.drain(timeoutMs);
      await post.close();
    },
  };
}
