import { attentionReasons } from '@berth/shared/domain/waiting-reasons';
import { noteAttention } from '@berth/shared/store/attention';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

describe('the overview', () => {
  let api: TestApi;
  const keys: string[] = [];
  const reasonsOf = (attention: { site: string; reason: string }[]) => attention.map((one) => [one.site, one.reason]);
  const overview = async () => (await api.ask('GET', '/v1/overview')).body;
  const query = (text: string, values: unknown[] = []) => api.context.db.pool.query(text, values);
  const set = (index: number, aspect: string, status: string, reason: string, agoSeconds: number) =>
    query(
      `update site_conditions c set status = $3, reason = $4, message = 'do this', observed_at = now(),
        changed_at = now() - $5 * interval '1 s' from sites s where s.id = c.site_id and s.key = $1 and c.aspect = $2`,
      [keys[index], aspect, status, reason, agoSeconds],
    );

  beforeAll(async () => {
    api = await startTestApi();
    for (let n = 0; n < 4; n += 1) {
      const headers = { 'idempotency-key': `overview-${n}` };
      keys.push((await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site);
    }
  });
  afterAll(() => api.close());

  test('counts what there is, and has no percentiles of nothing', async () => {
    expect(await overview()).toMatchObject({
      sites: { queued: 4 },
      attention: [],
      customersTurn: { days: 7, sites: 0 },
      incidents: [],
      latency: { container: { sites: 0, p50Ms: null, p99Ms: null }, edge: { sites: 0 } },
      toLive: { days: 7, fromOrder: { sites: 0, p50Seconds: null, p95Seconds: null } },
    });
  });

  test('puts first what has needed an operator, or was down, for longest, and leaves customers a week', async () => {
    await set(0, 'zone', 'false', 'NameserversNotChanged', 9000);
    await set(1, 'zone', 'false', 'ZoneAlreadyActive', 3600);
    await query(
      `update sites set live_at = now(), created_at = now() - interval '100 s', zone_active_at = now() - interval '10 s' where key = $1`,
      [keys[2]],
    );
    await set(2, 'reachable', 'false', 'TunnelNotConnected', 600);
    await set(2, 'route', 'false', 'Waiting', 300);
    await set(3, 'zone', 'false', 'CloudflareUnavailable', 9000);
    const { attention, customersTurn, toLive } = await overview();
    const first = [
      [keys[1], 'ZoneAlreadyActive'],
      [keys[2], 'TunnelNotConnected'],
    ];
    expect(reasonsOf(attention)).toEqual(first);
    expect(customersTurn.sites).toBe(1);
    await query(`update sites set created_at = now() - interval '169 h' where key = $1`, [keys[0]]);
    const later = await overview();
    expect(reasonsOf(later.attention)).toEqual([...first, [keys[0], 'NameserversNotChanged']]);
    expect(later.customersTurn.sites).toBe(0);
    expect(attention[0]).toMatchObject({ aspect: 'zone', message: 'do this', domain: expect.stringContaining('.de') });
    expect(toLive).toMatchObject({ fromOrder: { sites: 1, p50Seconds: 100 }, fromActive: { p95Seconds: 10 } });
  });

  test('leaves nobody time whose site was live', async () => {
    await set(2, 'zone', 'false', 'ZoneMoved', 700);
    expect(reasonsOf((await overview()).attention)).toContainEqual([keys[2], 'ZoneMoved']);
    await set(2, 'zone', 'true', 'ZoneActive', 700);
  });

  test('says how fast sites that are well answer, by what was seen of each last', async () => {
    await query(`insert into hosts (id) values ('h')`);
    await query(
      `insert into placements (site_id, host_id, slot, port) select id, 'h', row_number() over (), 3100 + row_number() over () from sites`,
    );
    const see = (aspect: string, outcome: string, latencyMs: string, agoSeconds: number) =>
      query(
        `insert into site_health (placement_id, aspect, site_id, host_id, outcome, latency_ms, checked_at)
        select id, $1, site_id, host_id, $2, ${latencyMs}, now() - $3 * interval '1 s' from placements`,
        [aspect, outcome, agoSeconds],
      );
    await see('container', 'healthy', '10 * (slot - 1)', 100);
    await see('edge', 'healthy', '500', 3600);
    const container = { sites: 4, p50Ms: 15, p95Ms: 28.5, p99Ms: 29.7 };
    expect((await overview()).latency).toEqual({
      container,
      edge: { sites: 0, p50Ms: null, p95Ms: null, p99Ms: null },
    });
    await query(`update site_health set outcome = 'unhealthy' where aspect = 'container' and latency_ms = 30`);
    await query(`update site_health set checked_at = now() where aspect = 'edge'`);
    expect((await overview()).latency).toMatchObject({
      container: { sites: 3, p95Ms: 19 },
      edge: { sites: 4, p99Ms: 500 },
    });
  });

  test('says nothing of sites that have gone', async () => {
    await query('update sites set gone_at = now() where key = $1', [keys[1]]);
    const { attention, sites } = await overview();
    expect(attention).toHaveLength(2);
    expect(Object.values(sites as Record<string, number>).reduce((sum, n) => sum + n, 0)).toBe(3);
  });

  test('shows incidents while they are open', async () => {
    const { rows } = await query(
      `insert into incidents (kind, site_id, reason, message) select 'site-down', id, 'Unreachable', 'it is down' from sites where key = $1 returning id`,
      [keys[2]],
    );
    expect((await overview()).incidents).toMatchObject([
      { kind: 'site-down', site: keys[2], host: null, message: 'it is down' },
    ]);
    await query('update incidents set closed_at = now() where id = $1', [rows[0].id]);
    expect((await overview()).incidents).toEqual([]);
  });

  test('names what is as wanted and concerns an operator all the same, and makes an incident of it until it is over', async () => {
    const told = async () => {
      await noteAttention(api.context.db, attentionReasons, 60_000);
      const { attention, incidents } = await overview();
      return [attention, incidents].map((some) =>
        some.filter(({ site }: { site: string }) => site === keys[3]).map(({ reason }: { reason: string }) => reason),
      );
    };
    await set(3, 'policy', 'true', 'PathGuardedElsewhere', 120);
    expect(await told()).toEqual([['PathGuardedElsewhere'], ['PathGuardedElsewhere']]);
    await set(3, 'policy', 'true', 'ProtectionInForce', 0);
    expect(await told()).toEqual([[], []]);
  });
});
