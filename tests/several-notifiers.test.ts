import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import { takeOrder } from '@berth/shared/store/intake';
import { makeApiKey, newOrder } from '@berth/shared/testing/new-order';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { startServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const ORDERS = 60;
const NOTIFIERS = 3;

let world: World;
let receivers: Server[] = [];
let notifiers: ServiceProcess[] = [];
/** Nobody is answered before that, so that each notifier has something in hand. */
let answer = () => {};
const answers = new Promise<void>((resolve) => {
  answer = resolve;
});
/** how often each message came to each place */
const received = [new Map<string, number>(), new Map<string, number>()];

function startReceiver(seen: Map<string, number>): Promise<Server> {
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    seen.set(id, (seen.get(id) ?? 0) + 1);
    request.resume();
    request.on('end', () => void answers.then(() => setTimeout(() => response.writeHead(204).end(), 20)));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

beforeAll(async () => {
  world = await openWorld({ settings: { WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' } });
  receivers = await Promise.all(received.map(startReceiver));
  const services = await startServices(world.environment);
  const api = await world.client(services.apiUrl);
  for (const receiver of receivers) {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    const made = await api.ask('POST', '/v1/webhooks', { body: { url, eventTypes: ['order.accepted'] } });
    expect(made.status, made.text).toBe(201);
  }
  await services.stop();
  notifiers = Array.from({ length: NOTIFIERS }, () =>
    serviceProcess('notifier', 'services/notifier/src/main.ts', world.environment),
  );
  await Promise.all(notifiers.map((notifier) => notifier.start()));
});

afterAll(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()));
  for (const receiver of receivers) {
    receiver.closeAllConnections();
    receiver.close();
  }
  await world?.close();
});

/** Messages, with their place, that a process of this id holds. */
async function heldBy(pid: unknown): Promise<{ messageId: string; target: string }[]> {
  const { rows } = await world.db.pool.query<{ messageId: string; target: string }>(
    `select message_id as "messageId", target from deliveries where lease_until is not null and split_part(lease_owner, '/', 2) = $1`,
    [String(pid)],
  );
  return rows;
}

const pidOf = (notifier: ServiceProcess | undefined) =>
  notifier?.lines.flatMap((line) => (line.includes('"msg":"started"') ? [JSON.parse(line).pid] : [])).at(-1);

describe(`what happens to ${ORDERS} orders, told by ${NOTIFIERS} notifiers on one database,`, () => {
  test('comes to each place once, but for what one had in hand when it was killed', async () => {
    const apiKey = await makeApiKey(world.db);
    const sealed = makeVault(new Secret(world.environment.BERTH_SECRETS_KEY ?? '')).encrypt('license');
    for (let n = 0; n < ORDERS; n += 1) await takeOrder(world.db, { ...newOrder(apiKey), licenseKeyEnc: sealed });
    await until('each has messages in hand', async () => {
      const { rows } = await world.db.pool.query(
        'select count(distinct lease_owner)::int as holders from deliveries where lease_until is not null',
      );
      return rows[0].holders === NOTIFIERS;
    });
    answer();
    await until('some messages came', async () => (received[0]?.size ?? 0) >= ORDERS / 4);
    await notifiers[0]?.kill();
    const held = await heldBy(pidOf(notifiers[0]));
    await world.db.pool.query(
      `update deliveries set lease_until = now() where lease_until is not null and split_part(lease_owner, '/', 2) = $1`,
      [String(pidOf(notifiers[0]))],
    );
    await until('all are delivered', async () => {
      const { rows } = await world.db.pool.query(
        `select count(*)::int as all, count(*) filter (where state = 'delivered')::int as delivered from deliveries`,
      );
      return rows[0].all === 2 * ORDERS && rows[0].delivered === 2 * ORDERS;
    });
    for (const seen of received) {
      expect(seen.size).toBe(ORDERS);
      const twice = [...seen].filter(([, times]) => times > 1).map(([id]) => id);
      const mayBe = held.map(({ messageId }) => messageId);
      expect(twice.filter((id) => !mayBe.includes(id))).toEqual([]);
      expect(Math.max(...seen.values())).toBeLessThanOrEqual(2);
    }
  });

  test('was sent by more than one of them', () => {
    const senders = notifiers.filter(({ lines }) => lines.some((line) => line.includes('message delivered')));
    expect(senders.length).toBeGreaterThan(1);
  });

  test('is not held up by those that end when they are told to', async () => {
    expect(await Promise.all(notifiers.slice(1).map((notifier) => notifier.stop()))).toEqual([0, 0]);
  });
});
