import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookEndpoint, WebhookEndpointWithSecret } from '@berth/contract/webhook-endpoint';
import type { WebhookEvent } from '@berth/contract/webhook-events';
import { send } from '@berth/example-order-system/send';
import { startWebhookReceiver } from '@berth/example-order-system/webhook-receiver';
import type { Ending } from './ending.ts';
import type { DemoSite } from './order-sites.ts';
import type { World } from './start-world.ts';
import type { Terminal } from './terminal.ts';

const DESCRIPTION = 'demo: order system';
const LONGEST_MS = 10_000;

/** What the order system was told. */
export interface ReceivedWebhooks {
  /** Waits until it was told of each site that has gone live, and prints what came. */
  report(sites: readonly DemoSite[], terminal: Terminal, signal: AbortSignal): Promise<void>;
}

/** Has the example order system take webhooks; the places of former demos, whose ports are gone, are deleted. */
export async function receiveWebhooks({ apiUrl, operatorKey }: World, ending: Ending): Promise<ReceivedWebhooks> {
  const messages: WebhookEvent[] = [];
  const receiver = await startWebhookReceiver({ onMessage: (message) => messages.push(message) });
  ending.add('the webhook receiver', () => receiver.stop());
  const ask = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    send<T>(
      { apiUrl, apiKey: operatorKey },
      { method, path, body, read: async (response) => (await response.json()) as T },
    );
  const { data } = await ask<{ data: WebhookEndpoint[] }>('GET', '/v1/webhooks');
  const former = data.filter(({ description }) => description === DESCRIPTION);
  for (const { id } of former) await ask('DELETE', `/v1/webhooks/${id}`);
  const wish = { url: receiver.url, description: DESCRIPTION };
  receiver.trust((await ask<WebhookEndpointWithSecret>('POST', '/v1/webhooks', wish)).secret);

  return {
    async report(sites, terminal, signal) {
      const missing = () =>
        sites.filter(
          ({ key, wasLive }) =>
            !wasLive && !messages.some(({ type, data }) => type === 'order.live' && data.site === key),
        );
      const deadline = performance.now() + LONGEST_MS;
      while (missing().length > 0 && performance.now() < deadline) await delay(100, undefined, { signal });
      terminal.step('webhooks', 'done', sayCounts(messages));
    },
  };
}

function sayCounts(messages: readonly WebhookEvent[]): string {
  if (messages.length === 0) return 'the order system was told of nothing: nothing happened since the last demo';
  const counts = new Map<string, number>();
  for (const { type } of messages) counts.set(type, (counts.get(type) ?? 0) + 1);
  const each = [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
  return `the order system was told, each message verified by its signature: ${each}`;
}
