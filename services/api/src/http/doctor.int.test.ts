import type { CheckGroup, DoctorReport } from '@berth/contract/doctor';
import { fails, isOk } from '@berth/shared/domain/checks';
import { registerConnectors, registerHost } from '@berth/shared/store/hosts';
import { writeChecks } from '@berth/shared/store/service-checks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

describe('the doctor', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ BERTH_QUEUE: 'off' });
  });
  afterAll(() => api.close());

  const examine = async (): Promise<DoctorReport> => (await api.ask('GET', '/v1/doctor')).body;
  const group = async (scope: string, service: string, subject = ''): Promise<CheckGroup | undefined> =>
    (await examine()).groups.find(
      (one) => one.scope === scope && one.service === service && (subject === '' || one.subject === subject),
    );
  const check = (found: CheckGroup | undefined, id: string) => found?.checks.find((one) => one.id === id);

  test('looks at Postgres and the queue by itself', async () => {
    const found = await group('installation', 'api');
    expect(found?.checks.map(({ id }) => id)).toEqual([
      'postgres.version',
      'postgres.migrations',
      'postgres.primary',
      'postgres.connections',
      'postgres.clock',
      'queue.place',
    ]);
    expect(found?.status).toBe('ok');
  });

  test('says who has not looked yet', async () => {
    const { status, groups } = await examine();
    expect(status).toBe('warn');
    for (const [scope, service] of [
      ['cloudflare', 'domain-watcher'],
      ['cloudflare', 'tunnel-worker'],
      ['host', 'container-worker'],
    ]) {
      const found = groups.find((one) => one.scope === scope && one.service === service);
      expect(check(found, 'service.looks')).toMatchObject({
        status: 'warn',
        fix: expect.stringContaining(service ?? ''),
      });
    }
  });

  test('tells what the workers of each host found, and that it takes sites', async () => {
    const host = {
      id: 'one',
      customerPorts: { start: 3100, end: 3110 },
      memoryBytes: 1e9,
      cpus: 1,
      labels: {},
      versions: {},
    };
    await registerHost(api.context.db, host, ['containers']);
    expect(check(await group('host', 'api', 'one'), 'host.state')).toMatchObject({ status: 'fail' });
    await registerConnectors(api.context.db, { id: 'one', versions: {} });
    expect(check(await group('host', 'api', 'one'), 'host.state')).toMatchObject({ status: 'ok' });
    expect(check(await group('host', 'tunnel-worker', 'one'), 'service.looks')).toMatchObject({ status: 'warn' });
    const bad = fails({ id: 'docker.live-restore', title: 'Containers outlive a restart' }, 'it is off', 'set it');
    const good = isOk({ id: 'docker.version', title: 'Docker' }, '20.10.24');
    await writeChecks(api.context.db, { scope: 'host', subject: 'one', service: 'container-worker' }, [good, bad], 60);
    expect(await group('host', 'container-worker', 'one')).toMatchObject({ status: 'fail', checks: [good, bad] });
    expect((await examine()).status).toBe('fail');
  });

  test('says that a worker has stopped looking, beside what it found last', async () => {
    const good = isOk({ id: 'docker.version', title: 'Docker' }, '20.10.24');
    await writeChecks(api.context.db, { scope: 'host', subject: 'one', service: 'container-worker' }, [good], 60);
    await api.context.db.pool.query(`update service_checks set checked_at = now() - interval '10 minutes'`);
    const found = await group('host', 'container-worker', 'one');
    expect(check(found, 'service.looks')).toMatchObject({ status: 'fail', fix: expect.stringContaining('on one') });
    expect(check(found, 'docker.version')).toMatchObject(good);
  });

  test('tells nothing of hosts that are not known any more', async () => {
    const by = { scope: 'host', subject: 'former', service: 'container-worker' } as const;
    await writeChecks(api.context.db, by, [], 60);
    expect((await examine()).groups.map(({ subject }) => subject)).not.toContain('former');
  });
});
