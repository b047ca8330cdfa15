import { randomBytes } from 'node:crypto';
import { webhookEvents } from '@berth/contract/webhook-events';
import { sendDeliveryAgain } from '@berth/shared/store/read-deliveries';
import { rotateEndpointSecret } from '@berth/shared/store/webhook-endpoints';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNotifierWorld, type NotifierWorld } from '../testing/notifier-world.ts';
import { type Received, type Receiver, startReceiver } from '../testing/receiver.ts';

let world: NotifierWorld;
let receiver: Receiver;

beforeEach(async () => {
  world = await makeNotifierWorld();
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.stop();
  await world.close();
});

const headersOf = ({ headers }: Received) => headers as Record<string, string>;
const only = async () => {
  const rows = await world.deliveries();
  expect(rows).toHaveLength(1);
  return rows[0];
};

describe('a webhook', () => {
  test('tells of an order, signed by the Standard Webhooks scheme', async () => {
    const { id, secret } = await world.endpoint(receiver.url);
    const site = await world.order();
    await world.notifier().settle();
    const [got] = receiver.received;
    if (!got) throw new Error('nothing was received');
    const message = new Webhook(secret).verify(got.body, headersOf(got));
    expect(webhookEvents['order.accepted'].parse(message)).toEqual(message);
    expect(message).toMatchObject({ type: 'order.accepted', data: { site: site.key, domain: site.domain } });
    expect(got.headers['content-type']).toBe('application/json');
    expect(await only()).toMatchObject({ channel: 'webhook', target: id, state: 'delivered', tries: 1, code: 204 });
  });

  test('cannot be verified with another secret, nor when it was changed', async () => {
    const { secret } = await world.endpoint(receiver.url);
    await world.order();
    await world.notifier().settle();
    const [got] = receiver.received;
    if (!got) throw new Error('nothing was received');
    const other = new Webhook(`whsec_${randomBytes(32).toString('base64')}`);
    expect(() => other.verify(got.body, headersOf(got))).toThrow();
    expect(() => new Webhook(secret).verify(got.body.replace('order', 'xrder'), headersOf(got))).toThrow();
  });

  test('is signed by both secrets while one replaces the other, and by one after that', async () => {
    const { id, secret } = await world.endpoint(receiver.url);
    const next = `whsec_${randomBytes(32).toString('base64')}`;
    await rotateEndpointSecret(world.db, id, world.vault.encrypt(next), 1);
    await world.order();
    await world.notifier().settle();
    await world.db.pool.query(`update webhook_endpoints set former_until = now() - interval '1 second'`);
    await world.order();
    await world.notifier().settle();
    const [both, one] = receiver.received;
    if (!both || !one) throw new Error('too little was received');
    for (const known of [secret, next]) new Webhook(known).verify(both.body, headersOf(both));
    new Webhook(next).verify(one.body, headersOf(one));
    expect(() => new Webhook(secret).verify(one.body, headersOf(one))).toThrow();
  });

  test('goes only where its type is wanted', async () => {
    await world.endpoint(receiver.url, ['order.live']);
    const site = await world.order();
    await world.event(site, { type: 'order.live' });
    await world.notifier().settle();
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual(['order.live']);
  });

  test('is tried again by the table of the scheme, under the same id, and then given up', async () => {
    await world.endpoint(receiver.url);
    receiver.behave({ status: 500 });
    await world.order();
    const waits: number[] = [];
    for (let tries = 1; tries <= 10; tries += 1) {
      await world.notifier().settle();
      const row = await only();
      expect(row).toMatchObject({ tries, code: 500, state: tries < 10 ? 'pending' : 'failed' });
      if (tries < 10) waits.push((row?.dueInMs ?? 0) / 1000);
      await world.pass(30 * 3_600_000);
    }
    await world.notifier().settle();
    expect(receiver.received).toHaveLength(10);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const [index, seconds] of [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].entries()) {
      expect(waits[index]).toBeGreaterThan(seconds - 3);
      expect(waits[index]).toBeLessThanOrEqual(seconds * 1.1);
    }
  });

  test('waits as long as Retry-After asks for, with all that goes to the same place', async () => {
    await world.endpoint(receiver.url);
    receiver.behave({ status: 503, headers: { 'retry-after': '600' } });
    await world.order();
    const notifier = world.notifier();
    await notifier.settle();
    expect((await only())?.dueInMs).toBeGreaterThan(590_000);
    receiver.behave({ status: 200 });
    await world.order();
    await notifier.settle();
    expect(receiver.received).toHaveLength(1);
  });

  test('that was taken goes out once more when somebody asks for it, under the same id and signed anew', async () => {
    const { secret } = await world.endpoint(receiver.url);
    await world.order();
    const notifier = world.notifier();
    await notifier.settle();
    await notifier.settle();
    expect(receiver.received).toHaveLength(1);
    const { id } = (await only()) ?? {};
    expect(await sendDeliveryAgain(world.db, String(id))).toBe(true);
    await notifier.settle();
    const [first, second] = receiver.received;
    if (!first || !second) throw new Error('it was not sent again');
    expect(receiver.received).toHaveLength(2);
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(new Webhook(secret).verify(second.body, headersOf(second))).toEqual(JSON.parse(first.body));
    expect(await only()).toMatchObject({ id, state: 'delivered', code: 204 });
  });

  test('ends at 410 Gone: the endpoint is off, and nothing more is sent there', async () => {
    const { id } = await world.endpoint(receiver.url);
    receiver.behave({ status: 410 });
    await world.order();
    await world.notifier().settle();
    await world.order();
    await world.notifier().settle();
    expect(receiver.received).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'canceled', code: 410 });
    const { rows } = await world.db.pool.query('select disabled_reason as why from webhook_endpoints where id = $1', [
      id,
    ]);
    expect(rows[0].why).toContain('410');
  });

  test('follows no redirect', async () => {
    const elsewhere = await startReceiver();
    await world.endpoint(receiver.url);
    receiver.behave({ status: 307, headers: { location: elsewhere.url } });
    await world.order();
    await world.notifier().settle();
    await elsewhere.stop();
    expect(elsewhere.received).toHaveLength(0);
    expect(await only()).toMatchObject({ state: 'pending', code: 307, error: expect.stringContaining('redirect') });
  });

  test('gives up a try that is not answered in time', async () => {
    await world.endpoint(receiver.url);
    receiver.behave('silence');
    await world.order();
    await world.notifier({ timeoutMs: 300 }).settle();
    expect(await only()).toMatchObject({
      state: 'pending',
      tries: 1,
      code: null,
      error: expect.stringMatching(/timeout|aborted/i),
    });
  });

  test('reaches a receiver that was down, once it is up again', async () => {
    await world.endpoint(receiver.url);
    await receiver.stop();
    await world.order();
    await world.notifier().settle();
    expect(await only()).toMatchObject({ state: 'pending', error: expect.stringContaining('ECONNREFUSED') });
    receiver = await startReceiver(receiver.port);
    await world.pass(6000);
    await world.notifier().settle();
    expect(await only()).toMatchObject({ state: 'delivered', tries: 2 });
    expect(receiver.received).toHaveLength(1);
  });
});
