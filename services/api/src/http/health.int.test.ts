import { ensureHealthPartitions } from '@berth/shared/store/health-partitions';
import { type LiveSite, makeLiveSites } from '@berth/shared/testing/live-sites';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

describe("a site's health", () => {
  let api: TestApi;
  let sites: LiveSite[];

  beforeAll(async () => {
    api = await startTestApi();
    await ensureHealthPartitions(api.context.db);
    sites = await makeLiveSites(api.context.db, { host: 'host-h', keys: ['well', 'ill', 'new'], firstPort: 3100 });
    await see('well', 'container', 'healthy');
    await see('well', 'tunnel', 'healthy');
    await see('ill', 'container', 'unreachable');
    await see('ill', 'tunnel', 'healthy');
  });
  afterAll(() => api.close());

  const query = (text: string, values: unknown[]) => api.context.db.pool.query(text, values);
  const siteOf = (key: string) => sites.find((site) => site.key === key) as LiveSite;

  async function see(key: string, aspect: string, outcome: string): Promise<void> {
    const { siteId, placementId } = siteOf(key);
    await query(
      `insert into site_health (placement_id, aspect, site_id, host_id, outcome, reason, error, failures, failing_since, healthy_since, restarts, step,
        restart_after)
      values ($1, $2, $3, 'host-h', $4::text, case when $4 = 'healthy' then '' else 'Timeout' end, case when $4 <> 'healthy' then 'no answer' end, 2,
        case when $4 <> 'healthy' then now() end, case when $4 = 'healthy' then now() end, $5, 1, now() + interval '10 s')`,
      [
        placementId,
        aspect,
        siteId,
        outcome,
        JSON.stringify([
          { at: 1000, by: 'docker', reason: 'Exited' },
          { at: 2000, by: 'health', reason: 'Timeout' },
        ]),
      ],
    );
  }
  const get = async (key: string) => (await api.ask('GET', `/v1/sites/${key}/health`)).body;

  test('is null before the first look', async () => {
    expect(await get('new')).toEqual({ site: 'new', outcome: null, aspects: [], beats: [], incidents: [] });
  });

  test('is the worst of its aspects, which say what is wrong and what was done', async () => {
    expect(await get('well')).toMatchObject({ outcome: 'healthy' });
    const ill = await get('ill');
    expect(ill).toMatchObject({
      outcome: 'unreachable',
      aspects: [
        {
          aspect: 'container',
          host: 'host-h',
          outcome: 'unreachable',
          reason: 'Timeout',
          message: 'no answer',
          failures: 2,
          restartedInARow: 1,
          restarts: [
            { at: '1970-01-01T00:00:02.000Z', by: 'health', reason: 'Timeout' },
            { at: '1970-01-01T00:00:01.000Z', by: 'docker', reason: 'Exited' },
          ],
          nextRestartAfter: expect.any(String),
        },
        { aspect: 'tunnel', outcome: 'healthy' },
      ],
    });
    expect((await api.ask('GET', '/v1/sites/ill')).body).toMatchObject({ health: 'unreachable' });
  });

  test('shows the last ninety checks, the oldest first', async () => {
    await query(
      `insert into health_checks (placement_id, at, outcome, code, latency_ms, tunnel, connections)
      select $1, now() - n * interval '1 ms', 'healthy', 200, n, 'healthy', 4 from generate_series(1, 100) n`,
      [siteOf('well').placementId],
    );
    const { beats } = await get('well');
    expect(beats).toHaveLength(90);
    expect(beats[0]).toMatchObject({
      latencyMs: 90,
      outcome: 'healthy',
      code: 200,
      tunnel: 'healthy',
      connections: 4,
      edge: null,
    });
    expect(beats[89]).toMatchObject({ latencyMs: 1 });
  });

  test('shows its incidents, the newest first', async () => {
    await query(
      `insert into incidents (kind, site_id, aspect, reason, message, data, opened_at, closed_at)
      values ('container-down', $1, 'container', 'Timeout', 'no answer', '{"restarts": 3}', now() - interval '1 hour', now()),
        ('tunnel-down', $1, 'tunnel', 'UnitFailed', 'it failed', '{}', now(), null)`,
      [siteOf('ill').siteId],
    );
    expect((await get('ill')).incidents).toMatchObject([
      { kind: 'tunnel-down', closedAt: null, restarts: null },
      { kind: 'container-down', aspect: 'container', closedAt: expect.any(String), restarts: 3 },
    ]);
  });

  test('is unknown once nobody has looked for three intervals', async () => {
    await query(`update site_health set checked_at = now() - interval '150 s' where site_id = $1`, [
      siteOf('well').siteId,
    ]);
    expect(await get('well')).toMatchObject({ outcome: 'healthy' });
    await query(`update site_health set checked_at = now() - interval '181 s' where site_id = $1`, [
      siteOf('well').siteId,
    ]);
    const { outcome, aspects } = await get('well');
    expect([outcome, aspects[0].outcome]).toEqual(['unknown', 'unknown']);
  });
});
