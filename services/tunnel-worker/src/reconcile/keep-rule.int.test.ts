import { stillWork } from '@berth/shared/testing/still-work';
import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCloudflareRules } from '../adapters/cloudflare-rules.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { orderSite } from '../testing/stage-site.ts';
import { keepRule } from './keep-rule.ts';
import type { ObservedLimit, RuleAccess, WantedRule } from './rule-access.ts';

const phase = 'http_request_firewall_custom';
const ref = 'berth-abc-ip';
const wanted: WantedRule = {
  ref,
  action: 'block',
  expression: 'http.host in {"shop.example"} and (not ip.src in {192.0.2.0/24})',
  description: 'berth abc: visitors by address',
  enabled: true,
};
const theirs = {
  action: 'block',
  expression: 'ip.src in {198.51.100.0/24}',
  description: 'of somebody else',
  ref: 'theirs',
};

let stage: Stage;
let cfZoneId: string;
let entrypoint: string;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  ({ cfZoneId } = await orderSite(stage));
  entrypoint = `/zones/${cfZoneId}/rulesets/phases/${phase}/entrypoint`;
});
afterEach(async () => {
  await stage.simulator.control.behave();
  await stage.simulator.control.clearCalls();
});
afterAll(() => stage.close());

const { lease } = stillWork('policy', '');
const rules = () => makeCloudflareRules(stage.cloudflare);
const keep = (rule: WantedRule | undefined, through: RuleAccess = rules()) =>
  keepRule(through, { cfZoneId, phase, ref, wanted: rule }, lease);
const call = (method: string, path: string, body?: unknown) => makeApiClient(stage.simulator)(method, path, body);
const standing = async (): Promise<Record<string, unknown>[]> =>
  (await call('GET', entrypoint)).body.result?.rules ?? [];
const putTheirs = async (...more: unknown[]) => call('PUT', entrypoint, { rules: [theirs, ...more] });

describe('keepRule', () => {
  test.each<[title: string, more: Partial<ObservedLimit>]>([
    ['what is not found alone', { counting_expression: 'http.response.code eq 404' }],
    ['only what no cache answers', { requests_to_origin: true }],
    ['by a score', { score_per_period: 1000 }],
  ])('sets right a limit that somebody had count %s', async (_, more) => {
    const ratelimit = {
      characteristics: ['ip.src', 'cf.colo.id'],
      period: 10,
      requests_per_period: 5,
      mitigation_timeout: 10,
    };
    const expression = 'starts_with(http.request.uri.path, "/")';
    const limit: WantedRule = { ...wanted, ref: 'berth-abc-rate', action: 'block', expression, ratelimit };
    const kept = { cfZoneId, phase: 'http_ratelimit' as const, ref: limit.ref, wanted: limit };
    const found = (also: Partial<ObservedLimit>): RuleAccess => ({
      ...rules(),
      read: async (...asked) => {
        const ruleset = await rules().read(...asked);
        const changed = ruleset?.rules.map((one) => ({ ...one, ratelimit: { ...ratelimit, ...also } }));
        return ruleset && { ...ruleset, rules: changed ?? [] };
      },
    });
    await keepRule(rules(), kept, lease);
    expect(await keepRule(found(more), kept, lease)).toMatchObject({ did: 'changed', before: { ratelimit: more } });
    const unset = { counting_expression: '', requests_to_origin: false, score_per_period: null };
    for (const same of [unset, { counting_expression: expression }])
      expect(await keepRule(found(same), kept, lease)).toEqual({ did: 'nothing' });
  });

  test('makes the first rule of a phase, changes it, and takes it away, each with two calls', async () => {
    expect(await keep(wanted)).toEqual({ did: 'made' });
    expect(await standing()).toEqual([expect.objectContaining(wanted)]);
    const changed = { ...wanted, expression: 'http.host in {"shop.example"} and (ip.src.country in {"KP"})' };
    await stage.simulator.control.clearCalls();
    expect(await keep(changed)).toMatchObject({ did: 'changed', before: wanted });
    expect(await standing()).toEqual([expect.objectContaining(changed)]);
    expect(await keep(undefined)).toMatchObject({ did: 'removed', before: changed });
    expect(await standing()).toEqual([]);
    const counts = await stage.simulator.control.callCounts();
    expect(counts['PATCH /zones/:id/rulesets/:id/rules/:id']).toBe(1);
    expect(counts['DELETE /zones/:id/rulesets/:id/rules/:id']).toBe(1);
  });

  test('does nothing where all is as wanted, with one call', async () => {
    await keep(wanted);
    await stage.simulator.control.clearCalls();
    expect(await keep(wanted)).toEqual({ did: 'nothing' });
    expect((await stage.simulator.control.calls()).length).toBe(1);
    await keep(undefined);
    expect(await keep(undefined)).toEqual({ did: 'nothing' });
  });

  test('leaves what others made byte by byte', async () => {
    await putTheirs();
    const [before] = await standing();
    await keep(wanted);
    await keep({ ...wanted, description: 'another' });
    await keep(undefined);
    expect(JSON.stringify(await standing())).toBe(JSON.stringify([before]));
  });

  test('sets right what somebody changed of it, and tells what it was', async () => {
    await keep(wanted);
    const { id, rules: made } = (await call('GET', entrypoint)).body.result;
    const edited = { ...wanted, enabled: false };
    await call('PATCH', `/zones/${cfZoneId}/rulesets/${id}/rules/${made[0].id}`, edited);
    expect(await keep(wanted)).toMatchObject({ did: 'changed', before: { enabled: false } });
    expect(await standing()).toEqual([expect.objectContaining({ ...wanted, id: made[0].id })]);
  });

  test('takes nothing away that somebody makes in the same moment as the first rule', async () => {
    const access: RuleAccess = {
      ...rules(),
      async read(...asked) {
        const found = await rules().read(...asked);
        if (!found) await putTheirs();
        return found;
      },
    };
    await expect(keep(wanted, access)).rejects.toMatchObject({ code: 'cloudflare.refused' });
    expect(await standing()).toEqual([expect.objectContaining(theirs)]);
    expect(await keep(wanted)).toEqual({ did: 'made' });
    expect((await standing()).map((rule) => rule.ref)).toEqual(['theirs', ref]);
  });

  describe('while somebody edits rules in the same moment', () => {
    /** What somebody does right after our look and before our change. */
    const meanwhile = (edit: () => Promise<unknown>): RuleAccess => ({
      ...rules(),
      async read(...asked) {
        const found = await rules().read(...asked);
        await edit();
        return found;
      },
    });
    const one = async (method: string, which: string, body?: unknown) => {
      const { id, rules: all } = (await call('GET', entrypoint)).body.result;
      const rule = all.find((other: { ref: string }) => other.ref === which);
      const answer = await call(method, `/zones/${cfZoneId}/rulesets/${id}/rules${rule ? `/${rule.id}` : ''}`, body);
      expect(answer.status).toBe(200);
    };
    const another = { ...theirs, ref: 'another', expression: 'ip.src in {203.0.113.0/24}' };
    const edited = { ...theirs, expression: 'ip.src in {198.51.100.0/25}', enabled: false };
    const edits: Record<string, { edit: () => Promise<unknown>; left: object[] }> = {
      'adds one': { edit: () => one('POST', 'none', another), left: [theirs, another] },
      'puts one first': {
        edit: () => one('POST', 'none', { ...another, position: { before: '' } }),
        left: [another, theirs],
      },
      'changes one': { edit: () => one('PATCH', 'theirs', edited), left: [edited] },
      'deletes one': { edit: () => one('DELETE', 'theirs'), left: [] },
    };
    const of = async (isOurs: boolean) => (await standing()).filter((rule) => (rule.ref === ref) === isOurs);

    test.each(Object.entries(edits))('loses nothing of it when they %s', async (_what, { edit, left }) => {
      const changed = { ...wanted, description: 'another' };
      for (const [before, after] of [
        [undefined, wanted],
        [wanted, changed],
        [wanted, undefined],
      ]) {
        await putTheirs(...(before ? [before] : []));
        expect(await keep(after, meanwhile(edit))).not.toEqual({ did: 'nothing' });
        expect(await of(false)).toEqual(left.map((rule) => expect.objectContaining(rule)));
        expect(await of(true)).toEqual(after ? [expect.objectContaining(after)] : []);
      }
    });

    test('makes its rule anew where they delete that one', async () => {
      await putTheirs(wanted);
      const access = meanwhile(() => one('DELETE', ref));
      await expect(keep({ ...wanted, description: 'another' }, access)).rejects.toMatchObject({
        code: 'cloudflare.refused',
      });
      expect(await keep(wanted)).toEqual({ did: 'made' });
      expect(await keep(undefined, access)).toMatchObject({ did: 'removed' });
      expect(await standing()).toEqual([expect.objectContaining(theirs)]);
    });
  });

  test('leaves all in force where the plan has no room for another', async () => {
    const full = { code: 'rules.full' };
    await putTheirs(...[1, 2, 3, 4].map((one) => ({ ...theirs, ref: `theirs-${one}` })));
    await expect(keep(wanted)).rejects.toMatchObject(full);
    expect(await standing()).toHaveLength(5);
  });

  describe.each(['lost-answer', '5xx', '429'] as const)('when the answer is %s,', (kind) => {
    const fault = (method: string) =>
      stage.simulator.control.misbehave({
        method,
        path: '/rulesets',
        kind,
        ...(kind === '429' && { retryAfterSeconds: 1 }),
      });
    const failed = { code: kind === '429' ? 'cloudflare.rate-limited' : 'cloudflare.unavailable' };

    test('makes the first rule once', async () => {
      await fault('POST');
      await expect(keep(wanted)).rejects.toMatchObject(failed);
      await keep(wanted);
      expect(await standing()).toEqual([expect.objectContaining(wanted)]);
    });

    test('makes a further rule once', async () => {
      await putTheirs();
      await fault('POST');
      await expect(keep(wanted)).rejects.toMatchObject(failed);
      await keep(wanted);
      expect((await standing()).map((rule) => rule.ref)).toEqual(['theirs', ref]);
    });

    test('has the former rule or the new one in force', async () => {
      await keep(wanted);
      const changed = { ...wanted, description: 'another' };
      await fault('PATCH');
      await expect(keep(changed)).rejects.toMatchObject(failed);
      const descriptions = (await standing()).map((rule) => rule.description);
      expect([[wanted.description], [changed.description]]).toContainEqual(descriptions);
      await keep(changed);
      expect(await standing()).toEqual([expect.objectContaining(changed)]);
    });

    test('takes it away', async () => {
      await keep(wanted);
      await fault('DELETE');
      await expect(keep(undefined)).rejects.toMatchObject(failed);
      await keep(undefined);
      expect(await standing()).toEqual([]);
    });
  });
});
