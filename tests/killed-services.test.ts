import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { madeIn, madeOnceFor } from './support/made.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const COUNT = 20;
const names = ['api', 'domain-watcher', 'container-worker', 'tunnel-worker'] as const;

let world: World;
let services: Record<(typeof names)[number], ServiceProcess>;
let api: ApiClient;

beforeAll(async () => {
  world = await openWorld({ activateAfterMs: 1000, pullMs: 50 });
  const environment = { ...world.environment, API_PORT: '18431' };
  const process = (name: (typeof names)[number]) => serviceProcess(name, `services/${name}/src/main.ts`, environment);
  services = {
    api: process('api'),
    'domain-watcher': process('domain-watcher'),
    'container-worker': process('container-worker'),
    'tunnel-worker': process('tunnel-worker'),
  };
  await Promise.all(Object.values(services).map((service) => service.start()));
  api = await world.client('http://127.0.0.1:18431');
});

afterAll(async () => {
  await Promise.all(Object.values(services ?? {}).map((service) => service.stop()));
  await world?.close();
});

const ids = Array.from({ length: COUNT }, (_, index) => `killed${index + 10}`);

describe(`${COUNT} orders`, () => {
  test('go live, each once, although every service is killed in the middle', async () => {
    const post = async (id: string) =>
      until(`order ${id} is taken`, async () => {
        const answer = await api.order({ orderId: id, domain: `${id}.de`, customer: { id } }).catch(() => undefined);
        return answer?.status === 202;
      });
    const posting: Promise<unknown>[] = [];
    for (const [index, name] of names.entries()) {
      // In the middle: some come now, and until the last one is killed others are still to come.
      const share = ids.length / names.length;
      const coming = ids.slice(index * share, (index + 1) * share);
      posting.push(...coming.map(post));
      await until('something is under way', async () => {
        const { rows } = await world.db.pool.query('select count(*)::int as n from sites where key = any($1)', [
          coming,
        ]);
        return rows[0].n > 0;
      });
      await services[name].kill();
      await services[name].start();
    }
    await Promise.all(posting);
    for (const id of ids) await api.untilState(id, 'online');
    expect(await madeIn(world)).toEqual(madeOnceFor(ids));
    for (const id of ids) expect((await fetchThroughEdge(world.environment, `${id}.de`)).status).toBe(200);
    const { rows } = await world.db.pool.query(
      'select count(distinct port)::int as ports, count(*)::int as n from placements',
    );
    expect(rows[0]).toEqual({ ports: COUNT, n: COUNT });
  });

  test('leave without a trace although every service is killed in the middle', async () => {
    for (const id of ids) await api.ask('DELETE', `/v1/sites/${id}`, { body: { domain: `${id}.de` } });
    for (const name of names.slice(1)) {
      await services[name].kill();
      await services[name].start();
    }
    for (const id of ids) await api.untilState(id, 'gone');
    const left = await madeIn(world);
    expect(left).toEqual({
      zones: ids.map((id) => `${id}.de`).sort(),
      records: [],
      tunnels: [],
      containers: [],
      networks: [],
      units: [],
    });
  });

  test('are never told by a service that ended otherwise than it was asked to', async () => {
    for (const name of names) {
      expect(await services[name].stop(), name).toBe(0);
    }
  });
});
