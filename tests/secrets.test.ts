import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { routes } from '@berth/contract/routes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { seeArguments } from './support/seen-arguments.ts';
import { serviceProcess } from './support/service-process.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const LICENSE = 'LICENSE-7f3a-seeded';
const NEXT_LICENSE = 'LICENSE-91bc-seeded';
const VARIABLE = 'VARIABLE-44de-seeded';
const REGISTRY = 'REGISTRY-22ab-seeded';
const SLACK = 'SLACK-77aa-seeded';
const SMTP = 'SMTP-55cc-seeded';
const HEARTBEAT = 'HEARTBEAT-11ee-seeded';
const REDIS = 'REDIS-88bd-seeded';
const POSTGRES = 'POSTGRES-66fe-seeded';

let world: World;
let services: TestServices;
let api: ApiClient;
let calls: string;
let tunnelSecret: string;
const args = seeArguments();
const secrets: string[] = [LICENSE, NEXT_LICENSE, VARIABLE, REGISTRY, SLACK, SMTP, HEARTBEAT, REDIS, POSTGRES];
/** what each path parameter can be, so that every address of the description can be asked */
const ids: Record<string, string> = { key: 'secret', orderId: 'secret', host: 'one', registry: 'registry.example.org' };

/** Nothing but the site can be reached at these places, so that errors are among what is searched. */
const PLACES = {
  SLACK_WEBHOOK_URL: `http://127.0.0.1:9/services/${SLACK}`,
  SMTP_URL: `smtp://berth:${SMTP}@127.0.0.1:9`,
  SMTP_FROM: 'Berth <berth@example.org>',
  ADMIN_EMAIL: 'admin@example.org',
  HEARTBEAT_URL: `http://127.0.0.1:9/${HEARTBEAT}`,
  WEBHOOK_ALLOW_PRIVATE: '127.0.0.1',
  CHECK_INTERVAL_SECONDS: '1',
};

/** Everything that happened is made to go wrong once. */
beforeAll(async () => {
  world = await openWorld({ settings: PLACES });
  noteCalls();
  const { cloudflare, docker, systemd } = world.simulators;
  await cloudflare.control.misbehave({ path: 'cfd_tunnel$', method: 'POST', kind: 'lost-answer' });
  await cloudflare.control.misbehave({ path: 'dns_records', kind: '5xx', times: 2 });
  docker.control.addFault({ on: 'POST /containers/create', kind: 'error', status: 500 });
  systemd.control.addFault({ on: 'start', kind: 'error' });
  services = await startServices(world.environment);
  api = await world.client(services.apiUrl);
  const made = await api.ask('POST', '/v1/webhooks', { body: { url: 'http://127.0.0.1:9/hooks', eventTypes: [] } });
  ids.webhookId = made.body.id;
  secrets.push(made.body.secret.replace('whsec_', ''));
  const rotated = await api.ask('POST', `/v1/webhooks/${made.body.id}/secrets`, { body: {} });
  expect(rotated.status, rotated.text).toBe(201);
  secrets.push(rotated.body.secret.replace('whsec_', ''));
  const login = { username: 'berth', password: REGISTRY };
  expect((await api.ask('PUT', '/v1/registries/registry.example.org', { body: login })).status).toBe(200);
  const order = { licenseKey: LICENSE, env: { TOKEN: VARIABLE }, customer: { id: 'secret' } };
  const ordered = await api.order({ orderId: 'secret', domain: 'secret.de', ...order });
  ids.id = ordered.headers.get('location')?.split('/').at(-1) ?? '';
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
  tunnelSecret = JSON.parse(credentials).TunnelSecret;
  secrets.push(tunnelSecret);
  const { CF_API_TOKEN = '', BERTH_SECRETS_KEY = '' } = world.environment;
  secrets.push(CF_API_TOKEN, BERTH_SECRETS_KEY, api.key);
  await writeSecrets();
  await openIncident();
});

afterAll(async () => {
  args.stop();
  await services?.stop();
  await world?.close();
});

/** The programs of the host are called through ones that note how, besides. */
function noteCalls(): void {
  const dir = path.join(world.dir, 'noting');
  mkdirSync(dir);
  calls = path.join(dir, 'calls');
  for (const setting of ['SYSTEMCTL_PATH', 'JOURNALCTL_PATH']) {
    const program = world.environment[setting] ?? '';
    const noting = path.join(dir, path.basename(program));
    // As any user of the host reads them; who asks often may still miss a program that becomes another at once.
    const note = `tr '\\0' ' ' </proc/$$/cmdline >>'${calls}'; echo >>'${calls}'`;
    writeFileSync(noting, `#!/bin/sh\n${note}\nexec '${program}' "$@"\n`);
    chmodSync(noting, 0o755);
    world.environment[setting] = noting;
  }
}

/** A site's container and its tunnel tell what they know. */
async function writeSecrets(): Promise<void> {
  const { docker, systemd } = world.simulators;
  docker.control.writeLine('customer-secret', `container knows ${NEXT_LICENSE} and ${VARIABLE}`);
  const by = { SYSLOG_IDENTIFIER: 'cloudflared', _SYSTEMD_UNIT: 'cloudflared-customer-secret.service' };
  systemd.control.writeToJournal({ ...by, MESSAGE: `tunnel knows ${tunnelSecret}` });
  await until('lines of both are there', async () => {
    const { body } = await api.ask('GET', '/v1/sites/secret/logs?tail=1000');
    return ['container knows', 'tunnel knows'].every((word) => JSON.stringify(body).includes(word));
  });
}

async function openIncident(): Promise<void> {
  const { pool } = world.db;
  await pool.query(`insert into incidents (kind, host_id, reason, message, recorded_at)
    values ('docker-away', 'one', 'DockerAway', 'it does not answer', now() - interval '1 minute')`);
  await until('all places were tried', async () => {
    const { rows } = await pool.query(`select distinct channel from deliveries where error is not null`);
    return rows.length === 3;
  });
  const of = async (text: string) => (await pool.query(text)).rows[0]?.id;
  ids.deliveryId = await of(`select id from deliveries where error is not null order by channel limit 1`);
}

/** All that is kept in the database, row by row, queue, logs and checks included. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await world.db.pool.query(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname !~ '^(pg_|information_schema)'`,
  );
  const texts = await Promise.all(
    tables.map(async ({ name }) => (await world.db.pool.query(`select row_to_json(t) as row from ${name} t`)).rows),
  );
  return JSON.stringify(texts);
}

/** What every address of the API's description says that can be read. */
async function everyAnswer(): Promise<string> {
  const texts: string[] = [];
  for (const { method, path: address } of Object.values(routes)) {
    const missing = [...address.matchAll(/\{(\w+)\}/g)].filter(([, name = '']) => !ids[name]);
    if (method !== 'get' || missing.length > 0) continue;
    const filled = address.replace(/\{(\w+)\}/g, (_all, name: string) => ids[name] ?? '');
    const answer = await api.ask('GET', filled);
    // What isn't for keys, or not there, answers too: with an error that is searched as well.
    expect([200, 401, 403, 404], `${filled}: ${answer.text}`).toContain(answer.status);
    texts.push(answer.text);
  }
  expect(texts.length).toBeGreaterThan(18);
  for (const queue of ['domain', 'edge', 'notify', 'container-one', 'connector-one', 'health-one']) {
    const answer = await api.ask('GET', `/admin/queues/api/queues?activeQueue=${queue}&status=latest&page=1`);
    expect(answer.status).toBe(200);
    texts.push(answer.text);
  }
  return texts.join('\n');
}

/** What processes say whose Redis or Postgres can't be reached. */
async function saidInVain(): Promise<string> {
  const said: string[] = [];
  const wrong: Record<string, string>[] = [
    { REDIS_URL: `redis://berth:${REDIS}@127.0.0.1:9/0` },
    { DATABASE_URL: `postgresql://berth:${POSTGRES}@127.0.0.1:9/berth` },
    { DATABASE_URL: `postgresql://berth:${POSTGRES}@ 127.0.0.1:9/berth`, REDIS_URL: `rediss//${REDIS}` },
  ];
  for (const settings of wrong) {
    const one = serviceProcess('container-worker', 'services/container-worker/src/main.ts', {
      ...world.environment,
      ...settings,
    });
    await one.start().catch((error: Error) => said.push(error.message));
    await one.stop();
    said.push(...one.lines);
  }
  return said.join('\n');
}

function expectNone(place: string, text: string): void {
  for (const secret of secrets) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(secret),
    ]) {
      expect(text.includes(form), `${form} is in the ${place}`).toBe(false);
    }
  }
}

describe('a secret', () => {
  test('is in no row, job, event, incident, delivery or line of a site', async () => {
    const rows = await everyRow();
    for (const known of ['tunnel knows [redacted]', 'container knows [redacted] and [redacted]', 'DockerAway'])
      expect(rows.includes(known), known).toBe(true);
    expect(secrets.every((secret) => secret.length > 12)).toBe(true);
    expectNone('rows', rows);
  });

  test('is in no answer of any address that the API has', async () => {
    expectNone('answers', await everyAnswer());
  });

  test('is in no log line of any service, and in no file of a unit', async () => {
    await until('a sign of life failed', async () => services.logged.join('').includes('sign of life failed'));
    const logs = services.logged.join('');
    expect(logs).toContain('reconcile failed');
    expect(logs).toContain('message not taken');
    expectNone('logs', logs);
    const units = readdirSync(world.environment.SYSTEMD_UNIT_DIR ?? '', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, 'utf8'));
    expectNone('unit files', units.join(''));
  });

  test('is not said when Redis or Postgres can not be reached, or an address of theirs can not be read', async () => {
    const said = await saidInVain();
    expect(said).toContain('127.0.0.1:9');
    expectNone('words of a process that does not start', said);
  });

  test('is in no argument of a process', async () => {
    const called = readFileSync(calls, 'utf8');
    expect(called).toMatch(/systemctl start --no-block cloudflared-customer-secret\.service/);
    expect(called).toMatch(/journalctl --follow/);
    expectNone('calls', called);
    const seen = [...args.seen].join('\n');
    expect(seen).toMatch(/services\/container-worker\/src\/main\.ts/);
    expectNone('command lines', seen);
  });

  test('reaches the container, and nothing else', async () => {
    const { body } = await api.ask('GET', '/v1/sites/secret');
    expect(body.release).toMatchObject({ number: 3, outcome: 'running' });
    expect(body.container).toMatchObject({ image: 'berth-demo/site:2' });
  });
});
