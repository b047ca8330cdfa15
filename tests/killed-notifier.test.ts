import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@berth/shared/runtime/secret';
import { makeVault } from '@berth/shared/runtime/vault';
import { takeOrder } from '@berth/shared/store/intake';
import { makeApiKey, newOrder } from '@berth/shared/testing/new-order';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const ORDERS = 60;
const KILLS = 4;
/** Messages under way at once when a process is killed: of an endpoint, four. */
const UNDER_WAY = 4;

let world: World;
let services: TestServices;
let notifier: ServiceProcess;
let receiver: Server;
let secret = '';
const received: string[] = [];
const answered: string[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      new Webhook(secret).verify(body, request.headers as Record<string, string>);
      const id = String(request.headers['webhook-id']);
      received.push(id);
      setTimeout(() => response.writeHead(204).end(() => answered.push(id)), 30);
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  world = await openWorld({ settings: { WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' } });
  services = await startServices(world.environment);
  const api = await world.client(services.apiUrl);
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
  const made = await api.ask('POST', '/v1/webhooks', { body: { url, eventTypes: ['order.accepted'] } });
  expect(made.status, made.text).toBe(201);
  secret = made.body.secret;
  await services.stop();
  notifier = serviceProcess('notifier', 'services/notifier/src/main.ts', world.environment);
  await notifier.start();
});

afterAll(async () => {
  await notifier?.stop();
  receiver?.closeAllConnections();
  receiver?.close();
  await world?.close();
});

describe(`what happens to ${ORDERS} orders`, () => {
  test('is told of each, although the notifier is killed again and again', async () => {
    const apiKey = await makeApiKey(world.db);
    const vault = makeVault(new Secret(world.environment.BERTH_SECRETS_KEY ?? ''));
    const sealed = { licenseKeyEnc: vault.encrypt('license') };
    for (let n = 0; n < ORDERS; n += 1) await takeOrder(world.db, { ...newOrder(apiKey), ...sealed });
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const enough = Math.round((kill * ORDERS) / (KILLS + 2));
      await until(`${enough} messages came`, async () => new Set(received).size >= enough);
      await notifier.kill();
      // What a killed process had in hand is sent again when its lease is over.
      await world.db.pool.query('update deliveries set lease_until = now() where lease_until is not null');
      await notifier.start();
    }
    await until('all are delivered', async () => {
      const { rows } = await world.db.pool.query(`select count(*)::int as n from deliveries where state = 'delivered'`);
      return rows[0].n === ORDERS;
    });
    expect(new Set(received).size).toBe(ORDERS);
    // Twice only what was under way when the process was killed, and under the same id.
    expect(received.length).toBeLessThanOrEqual(ORDERS + KILLS * UNDER_WAY);
    expect(new Set(answered).size).toBe(ORDERS);
    const { rows } = await world.db.pool.query('select count(*)::int as n from deliveries');
    expect(rows[0].n).toBe(ORDERS);
  });

  test('was written down by a process that ends with 0 when it is told to', async () => {
    expect(await notifier.stop()).toBe(0);
  });
});
