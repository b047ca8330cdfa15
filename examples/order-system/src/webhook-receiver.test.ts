import type { WebhookEvent } from '@berth/contract/webhook-events';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, test } from 'vitest';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;
const BODY = JSON.stringify({
  type: 'order.live',
  timestamp: '2026-11-25T12:00:00.000Z',
  data: { site: 'customer_1' },
});

let receiver: WebhookReceiver;
let got: WebhookEvent[];
afterEach(() => receiver.stop());

async function start(): Promise<void> {
  got = [];
  receiver = await startWebhookReceiver({ onMessage: (message) => got.push(message) });
  receiver.trust(SECRET);
}

async function post(body: string, { id = 'evt_1', at = new Date() } = {}): Promise<number> {
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(SECRET).sign(id, at, BODY),
  };
  return (await fetch(receiver.url, { method: 'POST', headers, body })).status;
}

describe('a webhook receiver', () => {
  test('takes a signed message, and works on it once', async () => {
    await start();
    expect([await post(BODY), await post(BODY), await post(BODY, { id: 'evt_2' })]).toEqual([204, 204, 204]);
    expect(got.map(({ type }) => type)).toEqual(['order.live', 'order.live']);
  });

  test('refuses what was changed, is old, or is not signed', async () => {
    await start();
    expect(await post(BODY.replace('customer_1', 'customer_2'))).toBe(400);
    expect(await post(BODY, { at: new Date(Date.now() - 600_000) })).toBe(400);
    expect((await fetch(receiver.url, { method: 'POST', body: BODY })).status).toBe(400);
    expect(got).toEqual([]);
  });
});
