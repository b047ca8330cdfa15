import type { Clock } from '@berth/shared/runtime/clock';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import type { ClaimedDelivery } from '@berth/shared/store/deliveries';
import { disableEndpoint, type EndpointWay, findEndpointWay } from '@berth/shared/store/webhook-endpoints';
import { Webhook } from 'standardwebhooks';
import type { PostJson } from '../adapters/public-http.ts';
import type { Answer, Channel } from './channel.ts';
import { STANDARD_WEBHOOKS_RETRY_MS } from './retry-tables.ts';

interface Deps {
  db: Database;
  vault: Vault;
  clock: Pick<Clock, 'date'>;
  post: PostJson;
}

const GONE = 410;

/** Outbound webhooks by the Standard Webhooks scheme; a delivery's target is the endpoint's id. */
export function makeWebhookChannel({ db, vault, clock, post }: Deps): Channel {
  return {
    atOnce: 4,
    gapMs: 0,
    retryMs: STANDARD_WEBHOOKS_RETRY_MS,
    async send(delivery, signal) {
      const way = await findEndpointWay(db, delivery.target);
      if (!way) return { kind: 'canceled', code: null, problem: 'the endpoint is switched off or deleted' };
      const body = JSON.stringify(delivery.payload);
      const headers = sign(delivery, body, secretsOf(way, vault), clock.date());
      const { status, retryAfterMs } = await post(way.url, { headers, body }, signal);
      if (status === GONE) await disableEndpoint(db, delivery.target, 'it answered 410 Gone');
      return toAnswer(status, retryAfterMs);
    },
  };
}

function secretsOf(way: EndpointWay, vault: Vault): string[] {
  const sealed = [way.secretEnc, way.formerSecretEnc].filter((one) => one !== null);
  return sealed.map((one) => vault.decrypt(one).reveal());
}

/** One signature by each secret: whoever holds either of them can verify it. */
function sign(
  { messageId }: ClaimedDelivery,
  body: string,
  secrets: readonly string[],
  at: Date,
): Record<string, string> {
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, at, body)).join(' '),
  };
}

function toAnswer(status: number, retryAfterMs: number | undefined): Answer {
  if (status >= 200 && status < 300) return { kind: 'taken', code: status };
  if (status === GONE) return { kind: 'canceled', code: status, problem: 'answered 410 Gone; the endpoint is off now' };
  const redirect = status >= 300 && status < 400;
  const problem = redirect ? `answered with a redirect (${status}), which is not followed` : `answered ${status}`;
  return { kind: 'refused', code: status, problem, retryAfterMs };
}
