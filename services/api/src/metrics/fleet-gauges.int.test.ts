import { registerHost } from '@berth/shared/store/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

describe("the API's metrics", () => {
  let api: TestApi;
  const keys: string[] = [];

  beforeAll(async () => {
    api = await startTestApi();
    for (let n = 0; n < 6; n += 1) {
      const headers = { 'idempotency-key': `fleet-${n}` };
      keys.push((await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site);
    }
    const { db } = api.context;
    await registerHost(db, {
      id: 'host-a',
      customerPorts: { start: 3100, end: 3199 },
      memoryBytes: 8e9,
      cpus: 2,
      labels: {},
      versions: {},
    });
    const of = (index: number) => `(select id from sites where key = '${keys[index]}')`;
    const set = (index: number, what: string) =>
      db.pool.query(`update site_conditions set ${what}, observed_at = now() where site_id = ${of(index)}`);
    await set(1, `status = 'false', reason = 'Waiting'`);
    await set(2, `status = 'false', reason = 'NameserversNotChanged'`);
    await set(3, `status = 'true', reason = 'Fine'`);
    await set(4, `status = 'false', reason = 'Down'`);
    await db.pool.query(`update sites set live_at = now() where key in ('${keys[3]}', '${keys[4]}')`);
    await db.pool.query(`update sites set wanted = 'deleted' where key = '${keys[5]}'`);
    await db.pool.query(`insert into incidents (kind, host_id, reason) values ('host-down', 'host-a', 'HostSilent')`);
    await db.pool.query(
      `update site_conditions set due_at = now() - interval '90 s' where aspect = 'zone' and site_id = ${of(0)}`,
    );
    const jobs = api.context.queues?.open('connector-host-a');
    const timestamp = Date.now() - 90_000;
    for (const conditionId of ['a', 'b']) await jobs?.add('condition.reconcile', { conditionId }, { timestamp });
  });
  afterAll(() => api.close());

  const text = () => api.context.metrics.registry.metrics();

  test('count sites by the state that the API says of each', async () => {
    const expected: Record<string, number> = {};
    for (const key of keys) {
      const { state } = (await api.ask('GET', `/v1/sites/${key}`)).body;
      expected[state] = (expected[state] ?? 0) + 1;
    }
    expect(Object.keys(expected).sort()).toEqual(['degraded', 'leaving', 'online', 'queued', 'waiting', 'working']);
    const metrics = await text();
    for (const [state, count] of Object.entries(expected))
      expect(metrics).toContain(`berth_sites{state="${state}"} ${count}`);
  });

  test('count what is due, ports, jobs, incidents and requests', async () => {
    await api.context.db.pool.query(`update hosts set connector_lease_until = now() + interval '29 s'`);
    const metrics = await text();
    expect(metrics).toMatch(/berth_conditions_due\{queue="domain"\} [1-9]/);
    expect(Number(/berth_conditions_oldest_due_seconds\{queue="domain"\} (\S+)/.exec(metrics)?.[1])).toBeGreaterThan(
      89,
    );
    expect(metrics).toContain('berth_host_ports{host="host-a",pool="customer",state="free"} 100');
    expect(metrics).toContain('berth_host_ports{host="host-a",pool="staging",state="taken"} 0');
    expect(metrics).toContain('berth_host_memory_bytes{host="host-a",state="promised"} 0');
    expect(metrics).toContain('berth_host_memory_bytes{host="host-a",state="free"} 8000000000');
    for (const queue of ['edge', 'health-host-a', 'container-host-a'])
      expect(metrics).toContain(`berth_queue_oldest_job_seconds{queue="${queue}"} 0`);
    expect(metrics).toMatch(/berth_queue_oldest_job_seconds\{queue="domain"\} [\d.]+/);
    expect(metrics).toMatch(/berth_queue_jobs\{queue="domain",state="waiting"\} \d+/);
    expect(metrics).toContain('berth_incidents_open{kind="host-down"} 1');
    expect(metrics).toMatch(/berth_host_lease_seconds\{host="host-a",worker="tunnel-worker"\} [12]\d/);
    expect(metrics).not.toContain('worker="health-worker"');
    expect(metrics).toMatch(
      /berth_http_request_duration_seconds_count\{method="POST",route="createOrder",status="202"\} 6/,
    );
  });

  test('say how many jobs wait, and how long the first of them has', async () => {
    const metrics = await text();
    expect(metrics).toContain('berth_queue_jobs{queue="connector-host-a",state="waiting"} 2');
    const oldest = /berth_queue_oldest_job_seconds\{queue="connector-host-a"\} (\S+)/.exec(metrics)?.[1];
    expect(Number(oldest)).toBeGreaterThanOrEqual(90);
  });

  test('name no customer, whatever is asked', async () => {
    await api.ask('GET', `/v1/sites/${keys[0]}`);
    await api.ask('GET', '/v1/nothing/mustermann.de');
    const metrics = await text();
    for (const word of [...keys, 'mustermann']) expect(metrics).not.toContain(word);
    expect(metrics).toContain('route="none",status="404"');
  });
});
