import { NOTIFY_QUEUE } from '@berth/shared/contracts/jobs';
import type { Context } from '@berth/shared/runtime/context';
import { keepChecked } from '@berth/shared/runtime/keep-checked';
import type { Running } from '@berth/shared/runtime/worker';
import { findProblems } from '@berth/shared/store/all-well';
import { makeHeartbeatCall } from './adapters/heartbeat-call.ts';
import { makeGreetMailServer } from './adapters/mail-server.ts';
import { makePostJson } from './adapters/public-http.ts';
import { makeChannels } from './channels/registry.ts';
import { makeCheckPlaces } from './checks/check-places.ts';
import type { NotifierConfig } from './config.ts';
import { startHeartbeat } from './heartbeat/heartbeat.ts';
import { makeNotifier, type Notifier } from './notifier.ts';
import { operatorPlaces } from './operator-places.ts';

/** Longer than any worker takes to begin with what is due, and less than the patience of who waits for the sign of life. */
const LATE_MS = 300_000;
const HINT_PAUSE_MS = 100;
const CHECK_MS = 300_000;

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
  notifier.start();
  const stopServing = await queues?.serve(NOTIFY_QUEUE, 1, async () => {
    notifier.look();
    // Hints that come meanwhile are one.
    await clock.wait(HINT_PAUSE_MS);
  });
  const heartbeat = config.HEARTBEAT_URL
    ? startHeartbeat({
        findProblems: () => findProblems(db, LATE_MS),
        call: makeHeartbeatCall(config.HEARTBEAT_URL),
        clock,
        log,
      })
    : undefined;
  const stopChecks = keepChecked({
    ...{ db, clock, log, scope: 'installation', subject: '', service: 'notifier', everyMs: CHECK_MS },
    run: makeCheckPlaces({
      ...{ db, config },
      greetMailServer: config.SMTP_URL && makeGreetMailServer(config.SMTP_URL),
      whyNoSignOfLife: () => heartbeat?.whySilent(),
    }),
  });
  return {
    ...notifier,
    async drain(timeoutMs) {
      void stopServing?.();
      await Promise.all([heartbeat?.stop(), stopChecks(), notifier.drain(timeoutMs)]);
      await post.close();
    },
  };
}
