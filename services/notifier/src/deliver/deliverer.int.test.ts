import { Writable } from 'node:stream';
import { makeLog } from '@berth/shared/runtime/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeNotifierWorld, type NotifierWorld } from '../testing/notifier-world.ts';
import { type Receiver, startReceiver } from '../testing/receiver.ts';

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

const idsAt = (place: Receiver) => place.received.map(({ headers }) => String(headers['webhook-id']));
const orders = async (count: number) => {
  for (let made = 0; made < count; made += 1) await world.order();
};

describe('what happened is told', () => {
  test('once, by several notifiers at once', async () => {
    await world.endpoint(receiver.url);
    await orders(10);
    const notifiers = [world.notifier(), world.notifier(), world.notifier()];
    await Promise.all(notifiers.map((notifier) => notifier.settle()));
    await world.notifier().settle();
    expect(idsAt(receiver)).toHaveLength(10);
    expect(new Set(idsAt(receiver)).size).toBe(10);
    expect((await world.deliveries()).every(({ state }) => state === 'delivered')).toBe(true);
  });

  test('and whose it was stands in the log', async () => {
    let logged = '';
    const destination = new Writable({
      write(piece: Buffer, _encoding, done) {
        logged += piece.toString();
        done();
      },
    });
    const { id } = await world.endpoint(receiver.url);
    const site = await world.order();
    await world.notifier({ log: makeLog('notifier', 'info', destination) }).settle();
    const lines = logged.split('\n').filter((line) => line.includes('message delivered'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { siteKey: site.key, orderId: expect.any(String), kind: 'order.accepted', channel: 'webhook', code: 204 },
    ]);
    expect(await world.deliveries()).toMatchObject([{ target: id, state: 'delivered' }]);
  });

  test('to others, while one place is slow', async () => {
    const slow = await startReceiver();
    slow.behave('silence');
    await world.endpoint(slow.url);
    await world.endpoint(receiver.url);
    await orders(20);
    const notifier = world.notifier({ timeoutMs: 60_000 });
    notifier.start();
    await expect.poll(() => receiver.received.length, { timeout: 60_000 }).toBe(20);
    expect(slow.received.length).toBeLessThanOrEqual(4);
    await expect.poll(() => slow.received.length).toBeGreaterThan(0);
    await notifier.drain(0);
    await slow.stop();
  });

  test('again under the same id, when the notifier dies between the answer and writing it down', async () => {
    await world.endpoint(receiver.url);
    await orders(1);
    // Claimed, sent and answered, and then nothing more came of it.
    await world.db.pool.query(`create function forget() returns trigger language plpgsql as $$ begin
        if new.state = 'delivered' then raise exception 'the process is gone'; end if; return new; end $$;
      create trigger forget before update on deliveries for each row execute function forget()`);
    const dying = world.notifier({ leaseMs: 200 });
    await dying.settle();
    await world.db.pool.query('drop trigger forget on deliveries');
    await world.pass(1000);
    await world.notifier().settle();
    expect(idsAt(receiver).length).toBeGreaterThan(1);
    expect(new Set(idsAt(receiver)).size).toBe(1);
    expect(await world.deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  test('not again, when it was answered and only the lease had ended', async () => {
    await world.endpoint(receiver.url);
    receiver.behave({ status: 200, delayMs: 500 });
    await orders(1);
    const sleeping = world.notifier({ leaseMs: 60_000 });
    const slept = sleeping.settle();
    await expect.poll(() => receiver.received.length).toBe(1);
    await world.db.pool.query(`update deliveries set lease_owner = 'another', lease_no = lease_no + 1`);
    await slept;
    expect(await world.deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  test('by the next process, when one stops in the middle', async () => {
    await world.endpoint(receiver.url);
    receiver.behave('silence');
    await orders(1);
    const stopping = world.notifier();
    const stopped = stopping.settle();
    await expect.poll(() => receiver.received.length).toBe(1);
    await stopping.drain(0);
    await stopped;
    expect(await world.deliveries()).toMatchObject([{ state: 'pending', tries: 0 }]);
    receiver.behave({ status: 200 });
    await world.notifier().settle();
    expect(await world.deliveries()).toMatchObject([{ state: 'delivered', tries: 1 }]);
  });

  test('although making the deliveries failed in the middle', async () => {
    await world.endpoint(receiver.url);
    await orders(3);
    await world.db.pool.query(`create function fail() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
      create trigger fail before update of noticed_at on site_events for each row execute function fail()`);
    await expect(world.notifier().settle()).rejects.toThrow('no');
    expect(await world.deliveries()).toEqual([]);
    await world.db.pool.query('drop trigger fail on site_events');
    await world.notifier().settle();
    expect(idsAt(receiver)).toHaveLength(3);
  });

  test('to an endpoint only from then on when it was there', async () => {
    await orders(1);
    await world.notifier().settle();
    await world.endpoint(receiver.url);
    await world.notifier().settle();
    expect(receiver.received).toHaveLength(0);
  });
});
