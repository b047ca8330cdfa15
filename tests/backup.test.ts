import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiClient, makeApiClient } from './support/api-client.ts';
import { type DebianPostgres, startDebianPostgres, whyNoDebianPostgres } from './support/debian-postgres.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { openWorld, type World } from './support/world.ts';

/** The commands of docs/operations.md, without the container around them. */
describe.skipIf(whyNoDebianPostgres())('a back-up of Postgres', { timeout: 120_000 }, () => {
  let postgres: DebianPostgres;
  let world: World;
  let services: TestServices | undefined;
  let key: string;
  let dump: string;

  beforeAll(async () => {
    postgres = await startDebianPostgres();
    await made('createdb', 'berth');
    world = await openWorld({ database: { url: postgres.urlOf('berth'), drop: async () => undefined } });
    dump = path.join(world.dir, 'berth.dump');
  });
  afterAll(async () => {
    await services?.stop();
    await world?.close();
    await postgres?.stop();
  });

  async function made(program: string, ...args: string[]): Promise<void> {
    const { status, err } = await postgres.run(program, ...args);
    expect([program, status, err]).toEqual([program, 0, '']);
  }

  /** @returns a client with the key that was made before the back-up */
  async function start(changed: Record<string, string> = {}): Promise<ApiClient> {
    services = await startServices({ ...world.environment, ...changed });
    key ??= (await world.client(services.apiUrl)).key;
    return makeApiClient(services.apiUrl, key);
  }

  async function stop(): Promise<void> {
    await services?.stop();
    services = undefined;
  }

  const order = (api: ApiClient, id: string) => api.order({ orderId: id, domain: `${id}.de`, customer: { id } });

  test('is made while everything works', async () => {
    const api = await start();
    expect((await order(api, 'kept')).status).toBe(202);
    await api.untilState('kept', 'online');
    await made('pg_dump', '--format=custom', `--file=${dump}`, 'berth');
    expect((await order(api, 'later')).status).toBe(202);
    await api.untilState('later', 'online');
    await stop();
  });

  test('is restored as a whole into a database made anew', async () => {
    await made('dropdb', '--force', 'berth');
    await made('createdb', 'berth');
    await made('pg_restore', '--dbname=berth', '--exit-on-error', '--single-transaction', dump);
  });

  test('opens by the key that it was made with alone', async () => {
    const other = Buffer.alloc(32, 3).toString('base64');
    await expect(start({ BERTH_SECRETS_KEY: other })).rejects.toMatchObject({ code: 'secrets.unreadable' });
  });

  test('brings back what was ordered before it, which goes on being served and takes changes', async () => {
    const api = await start();
    expect((await api.ask('GET', '/v1/sites/kept')).body).toMatchObject({ state: 'online' });
    expect((await api.ask('GET', '/v1/sites/later')).status).toBe(404);
    const restart = await api.ask('POST', '/v1/sites/kept/restarts', { body: { target: 'container' } });
    expect(await api.untilDone(restart.body.url)).toMatchObject({ status: 'succeeded' });
    const deletion = await api.ask('DELETE', '/v1/sites/kept', { body: { domain: 'kept.de' } });
    expect(await api.untilDone(deletion.body.url)).toMatchObject({ status: 'succeeded' });
  });
});
