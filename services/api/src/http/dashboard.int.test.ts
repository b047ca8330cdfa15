import { registerHost } from '@berth/shared/store/hosts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}` });

describe('/admin/queues', () => {
  test('is for keys with the scope admin alone, and a browser is asked for one', async () => {
    const stranger = await api.ask('GET', '/admin/queues', { key: null });
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toContain('Basic');
    const key = await api.makeKey('orders:write', 'sites:read', 'sites:write', 'operator');
    expect((await api.ask('GET', '/admin/queues', { key })).status).toBe(403);
    const page = await api.ask('GET', '/admin/queues', { key: null, headers: basic(api.admin) });
    expect(page.status).toBe(200);
    expect(page.text).toContain('Berth');
  });

  test('shows the queues of every host that has registered', async () => {
    await registerHost(api.context.db, {
      id: 'one',
      customerPorts: { start: 3100, end: 3101 },
      memoryBytes: 1,
      cpus: 1,
      labels: {},
      versions: {},
    });
    const { body } = await api.ask('GET', '/admin/queues/api/queues');
    expect(body.queues.map((queue: { name: string }) => queue.name).sort()).toEqual([
      'connector-one',
      'container-one',
      'domain',
      'edge',
      'health-one',
      'notify',
    ]);
  });

  test("shows a host's sweeps, one that was and one to come, and the next again after the queue was emptied", async () => {
    const { queues } = api.context;
    if (!queues) throw new Error('no queues');
    const schedule = (startMs: number) =>
      queues.scheduleSweeps('health-one', { hostId: 'one', everyMs: 3_600_000, startMs });
    const shown = async (status: string) => {
      const { body } = await api.ask('GET', `/admin/queues/api/queues?activeQueue=health-one&status=${status}&page=1`);
      const queue = body.queues.find(({ name }: { name: string }) => name === 'health-one');
      return queue.jobs.map(({ name, data }: { name: string; data: unknown }) => ({ name, data }));
    };
    const sweep = { name: 'host.sweep', data: { hostId: 'one' } };
    const patient = { timeout: 60_000 };
    await schedule(Date.now());
    const stop = await queues.serveSweeps('health-one', async () => undefined);
    await expect.poll(() => shown('completed'), patient).toContainEqual(sweep);
    await expect.poll(() => shown('delayed'), patient).toEqual([sweep]);
    await stop();
    await queues.open('health-one').obliterate({ force: true });
    await queues.open('health-one').removeJobScheduler('host.sweep');
    expect(await shown('delayed')).toEqual([]);
    await schedule(Date.now() + 3_600_000);
    await expect.poll(() => shown('delayed'), patient).toEqual([sweep]);
  });

  test("takes no button that a foreign page pressed with the browser's password", async () => {
    const headers = { ...basic(api.admin), origin: 'https://evil.example' };
    const refused = await api.ask('PUT', '/admin/queues/api/queues/domain/pause', { key: null, headers });
    expect(refused.status).toBe(403);
  });

  test('says that there are no queues where they are switched off', async () => {
    const other = await startTestApi({ BERTH_QUEUE: 'off' });
    const { status, text } = await other.ask('GET', '/admin/queues');
    await other.close();
    expect({ status, text }).toEqual({ status: 200, text: expect.stringContaining('BERTH_QUEUE') });
  });
});
