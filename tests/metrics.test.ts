import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

const SERVICES = ['api', 'domain-watcher', 'container-worker', 'tunnel-worker', 'health-worker', 'notifier'] as const;
type Service = (typeof SERVICES)[number];

const FIRST_PORT = 19_640;
const API_PORT = 19_650;
const KEYS = ['alpha', 'beta', 'gamma'];

let world: World;
let api: ApiClient;
const processes: ServiceProcess[] = [];

const addressOf = (service: Service) => `127.0.0.1:${FIRST_PORT + SERVICES.indexOf(service)}`;

async function scrape(service: Service): Promise<string> {
  const answer = await fetch(`http://${addressOf(service)}/metrics`);
  expect(answer.headers.get('content-type')).toContain('text/plain');
  return answer.text();
}

beforeAll(async () => {
  world = await openWorld({
    settings: {
      API_PORT: String(API_PORT),
      CHECK_INTERVAL_SECONDS: '1',
      HEALTH_TIMEOUT_SECONDS: '1',
      HEALTH_START_SECONDS: '1',
    },
  });
  const { environment } = world;
  for (const service of SERVICES) {
    const settings = { ...environment, METRICS_ADDRESS: addressOf(service) };
    processes.push(serviceProcess(service, `services/${service}/src/main.ts`, settings));
  }
  for (const one of processes) await one.start();
  api = await world.client(`http://127.0.0.1:${API_PORT}`);
  await order('alpha');
  world.simulators.docker.control.hangContainer('customer-alpha');
  // The domain-watcher opens its incident; one of a host that is well it would close again.
  await world.db.pool.query(`insert into hosts (id, lease_until, connector_lease_until)
    values ('lost', now() - interval '1 hour', now() - interval '1 hour')`);
});

afterAll(async () => {
  await Promise.all(processes.map((one) => one.stop()));
  await world?.close();
});

async function order(key: string): Promise<void> {
  await api.order({ orderId: key, domain: `${key}-metrics.de`, customer: { id: key } });
  await api.untilState(key, 'online');
}

/** What issue and documentation promise, by the process that knows it: series that must have a value once a site is live. */
const promised: [string, Service, RegExp][] = [
  [
    'rate, errors and duration of the API',
    'api',
    /^berth_http_request_duration_seconds_count\{.*route="createOrder",status="202"\} [1-9]/m,
  ],
  ['queue depth', 'api', /^berth_queue_jobs\{queue="edge",state="waiting"\} \d/m],
  ['oldest waiting job', 'api', /^berth_queue_oldest_job_seconds\{queue="container-one"\} \d/m],
  ['what is due, and for how long', 'api', /^# TYPE berth_conditions_oldest_due_seconds gauge$/m],
  ['sites by state', 'api', /^berth_sites\{state="online"\} 1$/m],
  ['incidents', 'api', /^berth_incidents_open\{kind="host-down"\} 1$/m],
  ['port use', 'api', /^berth_host_ports\{host="one",pool="customer",state="taken"\} 1$/m],
  ['memory use', 'api', /^berth_host_memory_bytes\{host="one",state="promised"\} [1-9]/m],
  ['the rest of the budget', 'api', /^berth_cloudflare_calls_left\{account="[^"]+"\} [1-9]/m],
  [
    'job durations: zone',
    'domain-watcher',
    /^berth_reconcile_duration_seconds_count\{aspect="zone",result="recorded"\} [1-9]/m,
  ],
  [
    'job durations: container',
    'container-worker',
    /^berth_reconcile_duration_seconds_count\{aspect="container",result="recorded"\} [1-9]/m,
  ],
  [
    'job durations: connector',
    'tunnel-worker',
    /^berth_reconcile_duration_seconds_count\{aspect="connector",result="recorded"\} [1-9]/m,
  ],
  [
    'job durations: route',
    'tunnel-worker',
    /^berth_reconcile_duration_seconds_count\{aspect="route",result="recorded"\} [1-9]/m,
  ],
  ['time from order to live', 'tunnel-worker', /^berth_to_live_seconds_count\{from="order"\} 1$/m],
  ['time from active to live', 'tunnel-worker', /^berth_to_live_seconds_count\{from="active"\} 1$/m],
  [
    'calls to Cloudflare',
    'tunnel-worker',
    /^berth_cloudflare_call_duration_seconds_count\{call="[^"]*cfd_tunnel[^"]*",outcome="ok"\} [1-9]/m,
  ],
  [
    'calls to Cloudflare',
    'domain-watcher',
    /^berth_cloudflare_call_duration_seconds_count\{call="POST \/zones",outcome="ok"\} [1-9]/m,
  ],
  [
    'sweep duration: zones',
    'domain-watcher',
    /^berth_sweep_duration_seconds_count\{sweep="zones",result="[^"]+"\} [1-9]/m,
  ],
  [
    'sweep duration: host',
    'health-worker',
    /^berth_sweep_duration_seconds_count\{sweep="host",result="[^"]+"\} [1-9]/m,
  ],
  ['sweep lag', 'health-worker', /^berth_sweep_lag_seconds\{sweep="host"\} [\d.]+$/m],
  ['restarts', 'health-worker', /^berth_restarts_total\{target="container"\} [1-9]/m],
  ['deliveries', 'notifier', /^# TYPE berth_deliveries_total counter$/m],
];

describe('the processes of an installation', () => {
  test.each(promised)('measure %s (%s)', async (_what, service, series) => {
    await until(`${service} serves ${series.source}`, async () => series.test(await scrape(service)));
  });

  test.each(SERVICES)('say that they live, and are ready (%s)', async (service) => {
    for (const path of ['livez', 'readyz'])
      expect((await fetch(`http://${addressOf(service)}/${path}`)).status).toBe(200);
    expect(await scrape(service)).toMatch(/^process_resident_memory_bytes \d/m);
  });

  test('have no series more for two sites more, and name none of them', async () => {
    // What every site does was done by the first one; what happens at random (a state, a status) isn't counted.
    const series = async (service: Service) => {
      const lines = (await scrape(service)).split('\n').filter((line) => line.startsWith('berth_'));
      return new Set(
        lines.map((line) => line.replace(/ \S+$/, '').replace(/(state|status|outcome|result|route|call)="[^"]*"/g, '')),
      );
    };
    const before = await Promise.all(SERVICES.map(series));
    for (const key of KEYS.slice(1)) await order(key);
    for (const [index, service] of SERVICES.entries()) {
      const added = [...(await series(service))].filter((one) => !before[index]?.has(one));
      expect(added.length, added.join('\n')).toBeLessThanOrEqual(2);
      const text = await scrape(service);
      for (const word of [...KEYS, 'metrics.de', 'mustermann', 'erika']) expect(text.toLowerCase()).not.toContain(word);
    }
  });
});
