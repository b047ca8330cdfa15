import { parseWebhookUrl } from '@berth/shared/domain/webhook-url';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { RunChecks } from '@berth/shared/runtime/keep-checked';
import type { Database } from '@berth/shared/store/database';
import { listEndpoints } from '@berth/shared/store/webhook-endpoints';
import type { NotifierConfig } from '../config.ts';
import { judgePlaces, type PlaceFacts } from './judge-places.ts';

const METADATA = '169.254.169.254';

interface Deps {
  db: Database;
  config: Pick<NotifierConfig, 'SLACK_WEBHOOK_URL' | 'ADMIN_EMAIL' | 'HEARTBEAT_URL' | 'WEBHOOK_ALLOW_PRIVATE'>;
  /** says hello to the mail server and logs in; undefined where none is set. @throws when that fails */
  greetMailServer: (() => Promise<void>) | undefined;
  /** why the last sign of life wasn't given or taken; undefined when it was, or none was due yet */
  whyNoSignOfLife(): string | undefined;
}

/** Looks at the places that something is told at. Nothing is sent to any of them. */
export function makeCheckPlaces({ db, config, greetMailServer, whyNoSignOfLife }: Deps): RunChecks {
  const { SLACK_WEBHOOK_URL, ADMIN_EMAIL, HEARTBEAT_URL, WEBHOOK_ALLOW_PRIVATE: guard } = config;

  async function lookAtWebhooks(): Promise<PlaceFacts['webhooks']> {
    const endpoints = (await listEndpoints(db)).filter(({ enabled }) => enabled);
    const refused = endpoints.flatMap(({ url }) => {
      const judged = parseWebhookUrl(url, guard);
      return judged.ok ? [] : [{ url: withoutQuery(url), why: judged.problem }];
    });
    const allowsMetadata = guard.isAllowedPrivate(METADATA);
    return { allowsPrivate: guard.allowsPrivate, allowsMetadata, refused, endpoints: endpoints.length };
  }

  return async function checkPlaces(signal) {
    const [webhooks, why] = await Promise.all([lookAtWebhooks(), greetMailServer?.().then(() => undefined, messageOf)]);
    signal.throwIfAborted();
    return judgePlaces({
      slack: SLACK_WEBHOOK_URL && new URL(SLACK_WEBHOOK_URL.reveal()),
      adminEmail: ADMIN_EMAIL,
      smtp: greetMailServer && { why },
      heartbeat: HEARTBEAT_URL && { url: new URL(HEARTBEAT_URL.reveal()), why: whyNoSignOfLife() },
      webhooks,
    });
  };
}

/** What a receiver tells its senders apart by isn't for a report. */
function withoutQuery(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}`;
}
