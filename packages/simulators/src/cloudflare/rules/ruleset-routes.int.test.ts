import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../../testing/make-api-client.ts';
import { type CloudflareSimulator, startCloudflare } from '../start-cloudflare.ts';
import { Zone } from '../zone.ts';
import type { Plan } from './plan.ts';
import type { Ruleset } from './ruleset.ts';

const CUSTOM = 'http_request_firewall_custom';
const block = { action: 'block', expression: 'ip.src in {192.0.2.0/24}' };
const ratelimit = {
  characteristics: ['ip.src', 'cf.colo.id'],
  period: 10,
  requests_per_period: 10,
  mitigation_timeout: 10,
};
const limit = { action: 'block', expression: 'starts_with(http.request.uri.path, "/")', ratelimit };

let simulator: CloudflareSimulator;
let call: CallApi;
let path: string;

const entrypoint = (phase = CUSTOM) => `${path}/phases/${phase}/entrypoint`;
const put = (rules: unknown[], phase = CUSTOM) => call('PUT', entrypoint(phase), { rules });
const read = async (phase = CUSTOM): Promise<Ruleset> => (await call('GET', entrypoint(phase))).body.result;
const refs = async () => (await read()).rules.map(({ ref }) => ref);
const setPlan = (plan: Plan) => simulator.control.setPlan('shop.example', plan);

beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'ordinary' });
  call = makeApiClient(simulator);
  path = `/zones/${(await simulator.control.addZone('shop.example', 'active')).id}/rulesets`;
});
afterEach(() => simulator.stop());

describe('the rules of a phase', () => {
  test('are not there until somebody makes one', async () => {
    const { status, body } = await call('GET', entrypoint('http_ratelimit'));
    expect([status, body.errors]).toEqual([
      404,
      [{ code: 10_003, message: 'could not find entrypoint ruleset in the http_ratelimit phase' }],
    ]);
    expect((await call('GET', path)).body.result).toEqual([]);
  });

  test('are all replaced by a PUT, which keeps the id of those whose ref is known', async () => {
    await put([
      { ...block, ref: 'a' },
      { ...block, ref: 'b' },
    ]);
    const before = await read();
    await put([{ ...block, ref: 'b', description: 'changed' }]);
    const after = await read();
    expect(after).toMatchObject({ id: before.id, version: '2', kind: 'zone', phase: CUSTOM });
    expect(after.rules).toEqual([
      expect.objectContaining({ id: before.rules[1]?.id, ref: 'b', version: '2', description: 'changed' }),
    ]);
  });

  test('are changed one by one, in the order that is asked for, and the others stay byte by byte', async () => {
    await put([{ ...block, ref: 'theirs', description: 'of somebody else' }]);
    const { id, rules } = await read();
    const theirs = JSON.stringify(rules[0]);
    const add = (ref: string, position?: unknown) =>
      call('POST', `${path}/${id}/rules`, { ...block, ref, ...(position !== undefined && { position }) });
    await add('last');
    await add('first', { before: '' });
    await add('second', { index: 2 });
    const { result } = (await add('after theirs', { after: rules[0]?.id })).body;
    expect(await refs()).toEqual(['first', 'second', 'theirs', 'after theirs', 'last']);
    const last = result.rules.at(-1).id;
    await call('PATCH', `${path}/${id}/rules/${last}`, { position: { before: '' } });
    expect((await refs())[0]).toBe('last');
    const patched = await call('PATCH', `${path}/${id}/rules/${last}`, { ...block, enabled: false });
    expect(patched.body.result.rules[0]).toMatchObject({ id: last, enabled: false, ref: 'last', version: '2' });
    for (const { id: ruleId, ref } of (await read()).rules) {
      if (ref !== 'theirs') await call('DELETE', `${path}/${id}/rules/${ruleId}`);
    }
    expect((await read()).rules.map((rule) => JSON.stringify(rule))).toEqual([theirs]);
  });

  test('are a rule more than the plan has: refused, and as before', async () => {
    await put([1, 2, 3, 4, 5].map(() => block));
    const { id } = await read();
    const more = await call('POST', `${path}/${id}/rules`, block);
    expect(toOutcome(more)).toEqual([400, 20_217]);
    expect(more.body.errors[0]?.message).toBe(
      `exceeded the maximum number of rules in the phase ${CUSTOM}: 6 out of 5`,
    );
    expect((await read()).rules).toHaveLength(5);
    await setPlan('pro');
    expect((await call('POST', `${path}/${id}/rules`, block)).status).toBe(200);
  });

  test('have each ref once', async () => {
    await put([{ ...block, ref: 'ours' }]);
    const { id } = await read();
    expect(toOutcome(await call('POST', `${path}/${id}/rules`, { ...block, ref: 'ours' }))).toEqual([400, 20_120]);
  });

  test('outlive the process', () => {
    const zone = Zone.make('shop.example', 'active', []);
    zone.plan = 'pro';
    const ruleset = zone.rules.replace(CUSTOM, { rules: [block] }, zone.plan);
    const next = new Zone(JSON.parse(JSON.stringify(zone.snapshot())));
    expect([next.plan, next.rules.all()]).toEqual(['pro', [ruleset]]);
  });

  test('are allowed by the plan and the permissions that the zone shows', async () => {
    const zone = (await call('GET', path.replace('/rulesets', ''))).body.result;
    expect(zone.plan).toMatchObject({ legacy_id: 'free', name: 'Free Website' });
    expect(zone.permissions).toContain('#waf:edit');
  });

  test.each<[title: string, rule: Record<string, unknown>, code?: number]>([
    ['an action of another phase', { ...block, action: 'redirect' }],
    ['an action that only the largest plan has', { ...block, action: 'log' }],
    ['no action', { expression: 'true' }],
    ['no expression', { action: 'block' }],
    ['a broken expression', { ...block, expression: 'ip.src in {192.0.2.1/24}' }, 20_127],
    ['an expression that is too long', { ...block, expression: `http.host eq "${'x'.repeat(4096)}"` }],
    ['a field that no rule has', { ...block, priority: 1 }],
    ['an empty ref', { ...block, ref: '' }],
    ['a limit in a phase without', { ...block, ratelimit }],
    ['parameters where the action has none', { ...block, action: 'challenge', action_parameters: {} }],
  ])('refuse %s, and stay as they were', async (_, rule, code = 20_120) => {
    await put([{ ...block, ref: 'before' }]);
    const { id, rules } = await read();
    expect(toOutcome(await call('POST', `${path}/${id}/rules`, rule))).toEqual([400, code]);
    expect(toOutcome(await call('PATCH', `${path}/${id}/rules/${rules[0]?.id}`, rule))).toEqual([400, code]);
    expect(toOutcome(await put([rule]))).toEqual([400, code]);
    expect(await read()).toEqual(expect.objectContaining({ version: '1', rules }));
  });

  test('are not found by ids of nothing', async () => {
    await put([block]);
    const { id } = await read();
    const nothing = '0'.repeat(32);
    expect(toOutcome(await call('GET', `${path}/${nothing}`))).toEqual([404, 10_003]);
    expect(toOutcome(await call('DELETE', `${path}/${id}/rules/${nothing}`))).toEqual([404, 10_004]);
    expect(toOutcome(await call('GET', entrypoint('http_anything')))).toEqual([400, 10_002]);
  });

  test('need permissions of their own', async () => {
    await simulator.control.setToken({ permissions: ['zone.read', 'waf.read'] });
    expect(toOutcome(await put([block]))).toEqual([403, 10_000]);
    await simulator.control.setToken({ permissions: ['zone.read'] });
    expect(toOutcome(await call('GET', entrypoint()))).toEqual([403, 10_000]);
  });
});

describe('a rule of settings', () => {
  const level = (security_level: unknown) => ({
    action: 'set_config',
    expression: 'true',
    action_parameters: { security_level },
  });
  const settings = 'http_config_settings';

  test('is taken with what can be set, and refused with anything else', async () => {
    expect(toOutcome(await put([level('under_attack')], settings))).toEqual([200]);
    for (const rule of [
      level('highest'),
      { action: 'set_config', expression: 'true' },
      { ...level('low'), action: 'block' },
    ]) {
      expect(toOutcome(await put([rule], settings))).toEqual([400, 20_120]);
    }
  });

  test('needs a permission of its own', async () => {
    await simulator.control.setToken({ permissions: ['zone.read', 'waf.read', 'waf.edit'] });
    expect(toOutcome(await put([level('low')], settings))).toEqual([403, 10_000]);
    await simulator.control.setToken({ permissions: ['zone.read', 'config.read', 'config.edit'] });
    expect(toOutcome(await put([level('low')], settings))).toEqual([200]);
    expect(toOutcome(await put([block]))).toEqual([403, 10_000]);
  });
});

describe('a limit of requests', () => {
  const refused = async (plan: Plan, rule: Record<string, unknown>) => {
    await setPlan(plan);
    return toOutcome(await put([rule], 'http_ratelimit'));
  };
  const free = [400, 20_120];

  test.each<[title: string, plan: Plan, rule: Record<string, unknown>, outcome: number[]]>([
    ['one over ten seconds by path', 'free', limit, [200]],
    ['one over a minute', 'free', { ...limit, ratelimit: { ...ratelimit, period: 60 } }, free],
    ['one over a minute', 'pro', { ...limit, ratelimit: { ...ratelimit, period: 60 } }, [200]],
    ['one by host', 'free', { ...limit, expression: 'http.host eq "a"' }, free],
    ['one by host', 'pro', { ...limit, expression: 'http.host eq "a"' }, [200]],
    ['one by address', 'pro', { ...limit, expression: 'ip.src eq 192.0.2.1' }, free],
    ['one by address', 'business', { ...limit, expression: 'ip.src eq 192.0.2.1' }, [200]],
    ['one by country', 'business', { ...limit, expression: 'ip.src.country eq "DE"' }, free],
    ['one by country', 'enterprise', { ...limit, expression: 'ip.src.country eq "DE"' }, [200]],
    ['a period that nobody has', 'enterprise', { ...limit, ratelimit: { ...ratelimit, period: 11 } }, free],
    ['a long timeout', 'free', { ...limit, ratelimit: { ...ratelimit, mitigation_timeout: 60 } }, free],
    ['none at all', 'free', { action: 'block', expression: 'true' }, free],
    [
      'one without where it counts',
      'free',
      { ...limit, ratelimit: { ...ratelimit, characteristics: ['ip.src'] } },
      free,
    ],
  ])('%s (%s)', async (_, plan, rule, outcome) => {
    expect(await refused(plan, rule)).toEqual(outcome);
  });

  test('is one alone on the free plan', async () => {
    const { status, body } = await put([limit, limit], 'http_ratelimit');
    expect([status, body.errors[0]]).toEqual([
      400,
      { code: 20_217, message: 'exceeded the maximum number of rules in the phase http_ratelimit: 2 out of 1' },
    ]);
  });
});
