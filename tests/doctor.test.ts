import type { DoctorReport } from '@berth/contract/doctor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiClient } from './support/api-client.ts';
import { run } from './support/command.ts';
import { startServices, type TestServices } from './support/standalone.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

/** What an installation on simulators stands on; each is found good, once all services have looked. */
const expected = [
  'cloudflare domain-watcher: cloudflare.token',
  'cloudflare domain-watcher: cloudflare.permission.zone-read',
  'cloudflare domain-watcher: cloudflare.permission.zone-edit',
  'cloudflare domain-watcher: cloudflare.permission.analytics',
  'cloudflare tunnel-worker: cloudflare.token',
  'cloudflare tunnel-worker: cloudflare.account',
  'cloudflare tunnel-worker: cloudflare.permission.tunnel',
  'cloudflare tunnel-worker: cloudflare.permission.dns',
  'cloudflare tunnel-worker: cloudflare.permission.waf',
  'cloudflare tunnel-worker: cloudflare.permission.access',
  'cloudflare tunnel-worker: cloudflare.permission.access-tokens',
  'host api: host.state',
  'host api: host.watched',
  'host container-worker: docker.version',
  'host container-worker: docker.live-restore',
  'host container-worker: host.ports',
  'host container-worker: host.subnets',
  'host container-worker: docker.disk',
  'host tunnel-worker: systemd.version',
  'host tunnel-worker: cloudflared.version',
  'host tunnel-worker: connectors.folders',
  'host tunnel-worker: host.clock',
  'host health-worker: health.docker',
  'host health-worker: health.events',
  'host health-worker: health.systemd',
  'host health-worker: health.ports',
  'host health-worker: health.sweeps',
  'installation notifier: notifier.smtp',
  'installation notifier: notifier.webhooks',
  'installation api: postgres.version',
  'installation api: queue.place',
];

describe('the doctor of a whole installation', () => {
  let world: World;
  let services: TestServices;
  let api: ApiClient;

  beforeAll(async () => {
    world = await openWorld();
    // Somebody is told what fails: nowhere would be something to look at.
    services = await startServices({ ...world.environment, SLACK_WEBHOOK_URL: 'http://127.0.0.1:9/hooks' });
    api = await world.client(services.apiUrl);
  });
  afterAll(async () => {
    await services?.stop();
    await world?.close();
  });

  const examine = async (): Promise<DoctorReport> => (await api.ask('GET', '/v1/doctor')).body;
  const found = ({ groups }: DoctorReport) =>
    groups.flatMap(({ scope, service, checks }) =>
      checks.map(({ id, status, detail }) => ({ name: `${scope} ${service}: ${id}`, status, detail })),
    );

  test('finds everything good after a start, once all have looked', async () => {
    const report = await until('all have looked', async () => {
      const seen = await examine();
      return found(seen).every(({ name }) => !name.endsWith('service.looks')) && seen;
    });
    expect(found(report).filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(found(report).map(({ name }) => name)).toEqual(expect.arrayContaining(expected));
    expect(report.status).toBe('ok');
  });

  test('speaks by `berth doctor`, which ends with 1 when something does not work', async () => {
    const doctor = (...args: string[]) =>
      run(process.execPath, ['apps/cli/bin/berth.mjs', 'doctor', ...args], {
        BERTH_API_URL: services.apiUrl,
        BERTH_API_KEY: api.key,
      });
    const good = await doctor();
    expect([good.status, good.err]).toEqual([0, '']);
    expect(good.out).toContain('✓ Permission Account → Cloudflare Tunnel: Edit: makes and removes tunnels');
    expect(good.out).toMatch(/✓ \d+ ok, 0 to look at, 0 failing\n$/);
    await world.db.pool.query(
      `insert into service_checks (scope, subject, service, every_seconds, checks) values ('host', 'one', 'test', 60,
        '[{"id": "x", "title": "Something", "status": "fail", "detail": "is broken", "fix": "mend it"}]')`,
    );
    const bad = await doctor('--problems');
    expect(bad.status).toBe(1);
    expect(bad.out).toContain('✖ Something: is broken\n      → mend it\n');
    expect(bad.out).not.toContain('Permission');
    expect(bad.err).toContain('1 check fails');
    expect(JSON.parse((await doctor('--json')).out)).toMatchObject({ status: 'fail' });
    await world.db.pool.query(`delete from service_checks where service = 'test'`);
  });

  test('tells nobody but administrators', async () => {
    const other = await world.client(services.apiUrl, 'operator', 'sites:read', 'sites:write', 'orders:write');
    expect((await other.ask('GET', '/v1/doctor')).status).toBe(403);
  });
});
