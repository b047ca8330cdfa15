import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { openWorld, type World } from './support/world.ts';

const LICENSE = 'LICENSE-7f3a-seeded';
const NEXT_LICENSE = 'LICENSE-91bc-seeded';
const VARIABLE = 'VARIABLE-44de-seeded';

let world: World;
let services: TestServices;
let api: ApiClient;
let tunnelSecrets: string[];

/** Everything that happened is made to go wrong once, so that errors are among what is searched. */
beforeAll(async () => {
  world = await openWorld();
  const { cloudflare, docker, systemd } = world.simulators;
  await cloudflare.control.misbehave({ path: 'cfd_tunnel$', method: 'POST', kind: 'lost-answer' });
  await cloudflare.control.misbehave({ path: 'dns_records', kind: '5xx', times: 2 });
  docker.control.addFault({ on: 'POST /containers/create', kind: 'error', status: 500 });
  systemd.control.addFault({ on: 'start', kind: 'error' });
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
  const order = { licenseKey: LICENSE, env: { TOKEN: VARIABLE }, customer: { id: 'secret' } };
  await api.order({ orderId: 'secret', domain: 'secret.de', ...order });
  await api.order({ orderId: 'secret', domain: 'secret.de', ...order, licenseKey: NEXT_LICENSE });
  await api.untilState('secret', 'online');
  const deploy = { image: 'berth-demo/unhealthy:1', licenseKey: NEXT_LICENSE };
  await api.ask('POST', '/v1/sites/secret/deploys', { body: deploy });
  const next = { ...deploy, image: 'berth-demo/site:2' };
  const deployed = await api.ask('POST', '/v1/sites/secret/deploys', { body: next });
  await api.ask('POST', '/v1/sites/secret/restarts', { body: { target: 'tunnel' } });
  expect(await api.untilDone(deployed.body.url)).toMatchObject({ status: 'succeeded' });
  await api.untilState('secret', 'online');
  const credentials = readFileSync(`${world.environment.TUNNEL_CONFIG_DIR}/customer-secret.json`, 'utf8');
  tunnelSecrets = [JSON.parse(credentials).TunnelSecret];
});

afterAll(async () => {
  await services?.stop();
  await world?.close();
});

/** All that is kept in the database, row by row, queue included. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await world.db.pool.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
  );
  const texts = await Promise.all(
    tables.map(async ({ name }) => (await world.db.pool.query(`select row_to_json(t) as row from ${name} t`)).rows),
  );
  return JSON.stringify(texts);
}

async function everyAnswer(): Promise<string> {
  const paths = [
    'orders/secret',
    'sites',
    'sites/secret',
    'sites/secret/events',
    'sites/secret/tunnel',
    'tunnels',
    'hosts',
  ];
  const answers = await Promise.all(paths.map((path) => api.ask('GET', `/v1/${path}`)));
  const queues = await api.ask('GET', '/admin/queues/api/queues?activeQueue=edge&status=latest&page=1');
  for (const answer of [...answers, queues]) expect(answer.status).toBe(200);
  return [...answers, queues].map(({ text }) => text).join('\n');
}

describe('a secret', () => {
  test('is in no row, job, event, log line, error or answer', async () => {
    const places = {
      rows: await everyRow(),
      answers: await everyAnswer(),
      logs: services.logged.join(''),
      'unit files': readdirSync(world.environment.SYSTEMD_UNIT_DIR ?? '', { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'))
        .join(''),
    };
    expect(places.logs).toContain('reconcile failed');
    expect(tunnelSecrets[0]?.length).toBeGreaterThan(40);
    const apiToken = world.environment.CF_API_TOKEN ?? '';
    const all = [
      LICENSE,
      NEXT_LICENSE,
      VARIABLE,
      apiToken,
      api.key,
      world.environment.BERTH_SECRETS_KEY ?? '',
      ...tunnelSecrets,
    ];
    for (const [place, text] of Object.entries(places)) {
      for (const secret of all) {
        for (const form of [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')]) {
          expect(text.includes(form), `${form} is in the ${place}`).toBe(false);
        }
      }
    }
  });

  test('reaches the container, and nothing else', async () => {
    const { body } = await api.ask('GET', '/v1/sites/secret');
    expect(body.release).toMatchObject({ number: 3, outcome: 'running' });
    expect(body.container).toMatchObject({ image: 'berth-demo/site:2' });
  });
});
