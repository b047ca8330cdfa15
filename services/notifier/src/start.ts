import { NOTIFY_QUEUE } from '@berth/shared/contracts/jobs';
import type { Context } from '@berth/shared/runtime/context';
import type { Running } from '@berth/shared/runtime/worker';
import { findProblems } from '@berth/shared/store/all-well';
import { makeHeartbeatCall } from './adapters/heartbeat-call.ts';
import { makePostJson } from './adapters/public-http.ts';
import { makeChannels } from './channels/registry.ts';
import type { NotifierConfig } from './config.ts';
import { startHeartbeat } from './heartbeat/heartbeat.ts';
import { makeNotifier, type Notifier } from './notifier.ts';
import { operatorPlaces } from './operator-places.ts';

/** Longer than any worker takes to begin with what is due, and less than the patience of who waits for the sign of life. */
const LATE_MS = 300_000;
const HINT_PAUSE_MS = 100;

/** Starts the notifier: what happened to sites becomes deliveries, and deliveries are sent. */
export async function startNotifier(config: NotifierConfig, context: Context): Promise<Running & Notifier> {
  const { db, vault, clock, chance, metrics, owner, queues } = context;
  const log = context.log.child({ service: 'notifier' });
  const post = makePostJson({ addresses: config.WEBHOOK_ALLOW_PRIVATE, now: () => clock.date() });
  const channels = makeChannels(config, { db, vault, clock, post });
  const notifier = makeNotifier({
    db,
    channels,
    clock,
    chance,
    log,
    metrics,
    owner,
    operators: operatorPlaces(config),
    mailsCustomers: config.SMTP_URL !== undefined,
  });
  if (config.ADMIN_EMAIL && !config.SMTP_URL) log.warn('ADMIN_EMAIL is set and SMTP_URL is not: nothing is sent there');
  notifier.start();
  const stopServing = await queues?.serve(NOTIFY_QUEUE, 1, async () => {
    notifier.look();
    // Hints that come meanwhile are one.
    await clock.wait(HINT_PAUSE_MS);
  });
  const stopHeartbeat = config.HEARTBEAT_URL
    ? startHeartbeat({
        findProblems: () => findProblems(db, LATE_MS),
        call: makeHeartbeatCall(config.HEARTBEAT_URL),
        clock,
        log,
      })
    : undefined;
  return {
    ...notifier,
    async drain(timeoutMs) {
      void stopServing?.();
      await Promise.all([stopHeartbeat?.(), notifier.drain(timeoutMs)]);
      await post.close();
    },
  };
}
