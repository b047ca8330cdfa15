import type { Protection } from '@berth/shared/domain/protection';
import { recordProtection } from '@berth/shared/store/policy-wishes';
import { findProtection } from '@berth/shared/store/protections';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { wantGone } from '../testing/stage-site.ts';

const people = { emails: ['anna@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };
const ip = { allow: [], block: ['203.0.113.0/24'], blockCountries: ['KP'] };
const rateLimit = { requests: 10, periodSeconds: 10, timeoutSeconds: 10, path: '/', action: 'block' } as const;
const all: Partial<Protection> = { access: people, ip, rateLimit, underAttack: true };
const theirs = { action: 'block', expression: 'http.request.uri.path eq "/wp-login.php"', ref: 'theirs' };

const SETTINGS = 'http_config_settings';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

const call = (method: string, path: string, body?: unknown) => makeApiClient(stage.simulator)(method, path, body);
const base = () => `/accounts/${stage.simulator.accountId}/access`;
const phase = ({ site }: PolicyStand, name = 'http_request_firewall_custom') =>
  `/zones/${site.cfZoneId}/rulesets/phases/${name}/entrypoint`;

async function rulesOf(stand: PolicyStand, name?: string): Promise<Record<string, unknown>[]> {
  return (await call('GET', phase(stand, name))).body.result?.rules ?? [];
}

/** The site's slug by something that is the same in every world. */
const plain = (value: unknown, { site }: PolicyStand) =>
  JSON.parse(
    JSON.stringify(value ?? null)
      .replaceAll(site.slug, 'slug')
      .replaceAll(site.domain, 'domain'),
  );

async function observe(stand: PolicyStand): Promise<unknown> {
  const name = `berth ${stand.site.slug}`;
  const apps = (await call('GET', `${base()}/apps?name=${encodeURIComponent(name)}&exact=true`)).body.result;
  const policies = (await call('GET', `${base()}/policies`)).body.result as { name: string }[];
  const ours = policies.filter((one) => one.name.startsWith(name)) as unknown as Record<string, unknown>[];
  const rules = [
    ...(await rulesOf(stand)),
    ...(await rulesOf(stand, 'http_ratelimit')),
    ...(await rulesOf(stand, SETTINGS)),
  ];
  return plain(
    {
      apps: apps.map(({ self_hosted_domains, session_duration, policies: linked }: Record<string, unknown>) => ({
        self_hosted_domains,
        session_duration,
        policies: (linked as { name: string }[]).map((one) => one.name),
      })),
      policies: ours.map(({ decision, include, exclude }) => ({ decision, include, exclude })),
      rules: rules
        .filter(({ ref }) => ref !== 'theirs')
        .map(({ id: _, version: __, last_updated: ___, ...rule }) => rule),
    },
    stand,
  );
}

describe('reconcilePolicy', () => {
  exerciseReconciler({
    async makeWorld(): Promise<World> {
      const stand = await makePolicyStand(stage);
      await stand.want(all);
      await call('PUT', phase(stand), { rules: [theirs] });
      const edit = async (name: string | undefined, ref: string, change: Record<string, unknown>) => {
        const { id, rules } = (await call('GET', phase(stand, name))).body.result;
        const rule = rules.find((one: { ref: string }) => one.ref === ref);
        const { id: ruleId, version: _, last_updated: __, ...body } = rule;
        await call('PATCH', `/zones/${stand.site.cfZoneId}/rulesets/${id}/rules/${ruleId}`, { ...body, ...change });
      };
      const { slug } = stand.site;
      return {
        reconcile: (effects) => stand.look(effects),
        observe: () => observe(stand),
        wantGone: () => wantGone(stage, stand.site),
        observeStrangers: async () =>
          (await rulesOf(stand)).filter(({ ref }) => ref === 'theirs').map(({ expression }) => expression),
        drifts: {
          'somebody switches a rule off': () => edit(undefined, `berth-${slug}-ip`, { enabled: false }),
          'somebody allows more requests': () =>
            edit('http_ratelimit', `berth-${slug}-rate`, {
              ratelimit: {
                characteristics: ['cf.colo.id', 'ip.src'],
                period: 10,
                requests_per_period: 999,
                mitigation_timeout: 10,
              },
            }),
          'somebody lowers the level of security': () =>
            edit(SETTINGS, `berth-${slug}-attack`, { action_parameters: { security_level: 'low' } }),
          'somebody has our rule set more': () =>
            edit(SETTINGS, `berth-${slug}-attack`, {
              action_parameters: { security_level: 'under_attack', bic: false },
            }),
          'somebody deletes the application': async () => {
            const apps = (await call('GET', `${base()}/apps`)).body.result as { id: string; name: string }[];
            const ours = apps.find(({ name }) => name === `berth ${slug}`);
            await call('DELETE', `${base()}/apps/${ours?.id}`);
          },
        },
        close: async () => undefined,
      };
    },
  });
});

describe('the protection of a site, at the edge,', () => {
  let stand: PolicyStand;
  beforeEach(async () => {
    stand = await makePolicyStand(stage);
  });
  const statuses = (visit?: Parameters<PolicyStand['visit']>[1]) =>
    Promise.all(stand.hostnames.map((name) => stand.visit(name, visit)));

  test('has whoever is not known sign in, on the apex and below www, and opens the site again', async () => {
    expect(await statuses()).toEqual([200, 200]);
    await stand.want({ access: people });
    await stand.settle();
    expect(await statuses()).toEqual([302, 302]);
    expect(await statuses({ identity: 'anna@example.org' })).toEqual([200, 200]);
    expect(await statuses({ identity: 'eve@example.org' })).toEqual([403, 403]);
    await stand.want({});
    await stand.settle();
    expect(await statuses()).toEqual([200, 200]);
  });

  test('has every visitor looked at who has not been, but for the path where Berth looks, and leaves other rules alone', async () => {
    const mine = { action: 'set_config', action_parameters: { bic: false }, expression: 'true', ref: 'theirs' };
    await call('PUT', phase(stand, SETTINGS), { rules: [mine] });
    const [before] = await rulesOf(stand, SETTINGS);
    await stand.want({ underAttack: true });
    await stand.settle();
    expect(await statuses()).toEqual([403, 403]);
    expect(await statuses({ passed: true })).toEqual([200, 200]);
    expect(await statuses({ path: '/.well-known/berth/abc' })).toEqual([200, 200]);
    expect(await statuses({ path: '/.well-known/berth/../../' })).toEqual([403, 403]);
    await stand.want({});
    await stand.settle();
    expect(await statuses()).toEqual([200, 200]);
    expect(await rulesOf(stand, SETTINGS)).toEqual([before]);
  });

  test('has visitors of one site looked at, and not those of another one in the zone', async () => {
    await stage.simulator.control.addRecord(stand.site.domain, {
      type: 'A',
      name: `other.${stand.site.domain}`,
      content: '192.0.2.80',
      proxied: true,
    });
    await stand.want({ underAttack: true });
    await stand.settle();
    expect(await stand.visit(`other.${stand.site.domain}`)).toBe(200);
    expect(await statuses()).toEqual([403, 403]);
  });

  test('holds up who is blocked, and whoever is not allowed', async () => {
    await stand.want({ ip });
    await stand.settle();
    expect(await statuses({ visitor: '203.0.113.9 DE' })).toEqual([403, 403]);
    expect(await statuses({ visitor: '198.51.100.9 KP' })).toEqual([403, 403]);
    expect(await statuses({ visitor: '198.51.100.9 DE' })).toEqual([200, 200]);
    await stand.want({ ip: { allow: ['192.0.2.0/24'], block: [], blockCountries: [] } });
    await stand.settle();
    expect(await statuses({ visitor: '198.51.100.9 DE' })).toEqual([403, 403]);
    expect(await statuses({ visitor: '192.0.2.9 DE' })).toEqual([200, 200]);
    await stand.want({});
    await stand.settle();
    expect(await statuses({ visitor: '203.0.113.9 KP' })).toEqual([200, 200]);
  });

  test('holds off the eleventh request of an address, and of no other', async () => {
    await stand.want({ rateLimit });
    await stand.settle();
    const [apex] = stand.hostnames;
    const got: number[] = [];
    // On a slow machine the period may end in between, and counting begins anew.
    while (got.at(-1) !== 429 && got.length < 300) got.push(await stand.visit(apex, { visitor: '192.0.2.9 DE' }));
    expect(got.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(got.at(-1)).toBe(429);
    expect(await stand.visit(apex, { visitor: '192.0.2.10 DE' })).toBe(200);
    await stand.want({});
    await stand.settle();
    expect(await stand.visit(apex, { visitor: '192.0.2.9 DE' })).toBe(200);
  });

  test('needs at most four calls for a change of one part, and one to three to look at it', async () => {
    // The account's own token is made once.
    await stand.want({ access: people });
    await stand.settle();
    await stand.want({});
    await stand.settle();
    const callsOf = async (wish: Partial<Protection>) => {
      await stand.want(wish);
      await stage.simulator.control.clearCalls();
      await stand.settle();
      return (await stage.simulator.control.calls()).length;
    };
    const wishes: Partial<Protection>[] = [{ access: people }, {}, { ip }, {}, { rateLimit }, {}];
    const counts: number[] = [];
    for (const wish of wishes) counts.push(await callsOf(wish));
    expect(counts).toEqual([4, 4, 2, 2, 2, 2]);
  });

  test('leaves a site alone of which nobody ever wanted anything', async () => {
    await stage.simulator.control.clearCalls();
    expect(await stand.look()).toMatchObject({ kind: 'settled', reason: 'NoPolicies' });
    expect(await stage.simulator.control.calls()).toEqual([]);
  });

  test('tells what somebody else made of it, with what it is now, and leaves their rules byte by byte', async () => {
    await call('PUT', phase(stand), { rules: [theirs] });
    const [before] = await rulesOf(stand);
    await stand.want({ ip });
    await stand.settle();
    expect(await stand.events('protection.repaired')).toEqual([]);
    const { id, rules } = (await call('GET', phase(stand))).body.result;
    const { id: ruleId, ref, expression } = rules[1];
    const edited = { action: 'block', expression, ref, enabled: false };
    await call('PATCH', `/zones/${stand.site.cfZoneId}/rulesets/${id}/rules/${ruleId}`, edited);
    await stand.settle();
    expect(await statuses({ visitor: '203.0.113.9 DE' })).toEqual([403, 403]);
    const told = await stand.events('protection.repaired');
    expect(told).toMatchObject([{ data: { part: 'ip', before: { enabled: false }, after: { block: ip.block } } }]);
    const { rows } = await stage.db.pool.query(
      `select actor_kind, status, before, after from audit_entries where action = 'repairProtection' and target = $1`,
      [stand.site.key],
    );
    expect(rows).toMatchObject([{ actor_kind: 'system', status: 200, before: { enabled: false }, after: ip }]);
    expect(JSON.stringify((await rulesOf(stand))[0])).toBe(JSON.stringify(before));
    await stand.settle();
    expect(await stand.events('protection.repaired')).toHaveLength(1);
  });

  test('tells once what somebody made of it that can’t be set right yet, and again when they do it again', async () => {
    await stand.want({ ip });
    await stand.settle();
    const told = async () => (await stand.events('protection.repaired')).length;
    const full = [1, 2, 3, 4, 5].map((one) => ({ ...theirs, ref: `theirs-${one}` }));
    await call('PUT', phase(stand), { rules: full });
    for (const _ of full) await expect(stand.look()).rejects.toMatchObject({ code: 'rules.full' });
    expect(await told()).toBe(1);
    await call('PUT', phase(stand), { rules: [] });
    await stand.settle();
    expect(await told()).toBe(1);
    await call('PUT', phase(stand), { rules: [] });
    await stand.settle();
    expect(await told()).toBe(2);
  });

  test('follows the plan of the zone, which is nobody’s change of what is ours', async () => {
    await stand.want({ rateLimit });
    await stand.settle();
    expect((await rulesOf(stand, 'http_ratelimit'))[0]?.expression).not.toContain('http.host');
    await stage.simulator.control.setPlan(stand.site.domain, 'pro');
    await stage.db.pool.query(`update zones set plan = 'pro' where cf_zone_id = $1`, [stand.site.cfZoneId]);
    await stand.settle();
    expect((await rulesOf(stand, 'http_ratelimit'))[0]?.expression).toContain(stand.site.domain);
    expect(await stand.events('protection.repaired')).toEqual([]);
  });

  test('sets the rest right where a smaller plan has the limit no more, which it says and leaves as it was', async () => {
    const setPlan = async (plan: 'pro' | 'free') => {
      await stage.simulator.control.setPlan(stand.site.domain, plan);
      await stage.db.pool.query('update zones set plan = $2 where cf_zone_id = $1', [stand.site.cfZoneId, plan]);
    };
    await setPlan('pro');
    await stand.want({ rateLimit: { ...rateLimit, periodSeconds: 60, timeoutSeconds: 600 }, underAttack: true });
    await stand.settle();
    const former = await rulesOf(stand, 'http_ratelimit');
    await setPlan('free');
    const { id, rules } = (await call('GET', phase(stand, SETTINGS))).body.result;
    await call('DELETE', `/zones/${stand.site.cfZoneId}/rulesets/${id}/rules/${rules[0].id}`);
    expect(await statuses()).toEqual([200, 200]);
    await expect(stand.look()).rejects.toMatchObject({
      code: 'rules.full',
      message: expect.stringContaining('the plan free of the zone counts over 10 seconds'),
    });
    expect(await statuses()).toEqual([403, 403]);
    expect(await rulesOf(stand, 'http_ratelimit')).toEqual(former);
  });

  test('is known as it stands where a look that was late tells of a former one', async () => {
    const row = async () => {
      const kept = 'select in_force_version, in_force, touched from site_protections where site_id = $1';
      return (await stage.db.pool.query(kept, [stand.site.siteId])).rows[0];
    };
    await stand.want({ ip });
    await stand.settle();
    const { in_force: inForce, touched } = await row();
    await stand.want({ access: people });
    await stand.settle();
    const before = await row();
    await recordProtection(stage.db, stand.site.siteId, await stand.take(), {
      version: 1,
      inForce,
      touched,
      elsewhere: [],
    });
    expect(await row()).toEqual(before);
  });

  test('has one token for all sites of an account, whose secret is stored sealed', async () => {
    const other = await makePolicyStand(stage);
    for (const one of [stand, other]) await one.want({ access: people });
    await Promise.all([stand.settle(), other.settle()]);
    const { result } = (await call('GET', `${base()}/service_tokens`)).body;
    expect(result.filter(({ name }: { name: string }) => name === 'berth proof')).toHaveLength(1);
    const { rows } = await stage.db.pool.query('select client_id, client_secret_enc from access_proofs');
    expect(rows).toHaveLength(1);
    expect(rows[0].client_secret_enc).toMatch(/^v1\./);
  });

  test('gives its token another secret where the first was lost with its answer', async () => {
    const secret = async () => {
      const { rows } = await stage.db.pool.query('select client_secret_enc from access_proofs');
      return stage.vault.decrypt(rows[0].client_secret_enc).reveal();
    };
    await stand.want({ access: people });
    await stand.settle();
    const lost = await secret();
    await stage.db.pool.query('delete from access_proofs');
    const other = await makePolicyStand(stage);
    await other.want({ access: people });
    await other.settle();
    expect(await secret()).not.toBe(lost);
    const { result } = (await call('GET', `${base()}/service_tokens`)).body;
    expect(result.filter(({ name }: { name: string }) => name === 'berth proof')).toHaveLength(1);
  });

  test('says whose application guards a path in its place, until it is gone, and touches it never', async () => {
    const { domain } = stand.site;
    await stand.want({ access: people });
    await stand.settle();
    const condition = async () => {
      const { kind: _, ms: __, ...said } = (await stand.look()) as { kind: string; ms?: number };
      return said;
    };
    expect(await condition()).toMatchObject({ status: 'true', reason: 'ProtectionInForce' });
    const everybody = { name: `open ${domain}`, decision: 'bypass', include: [{ everyone: {} }] };
    const open = (await call('POST', `${base()}/policies`, everybody)).body.result;
    const app = { type: 'self_hosted', name: 'Their wiki', domain: `${domain}/wiki`, policies: [open.id] };
    const { id, ...made } = (await call('POST', `${base()}/apps`, app)).body.result as Record<string, unknown>;
    expect(await statuses()).toEqual([302, 302]);
    expect(await statuses({ path: '/wiki' })).toEqual([200, 302]);
    const said = await condition();
    expect(said).toMatchObject({ status: 'true', reason: 'PathGuardedElsewhere' });
    expect(said).toMatchObject({ message: expect.stringContaining(`${domain}/wiki (application “Their wiki”)`) });
    const known = async () => (await findProtection(stage.db, stand.site.key))?.elsewhere;
    expect(await known()).toEqual([`${domain}/wiki`]);
    expect((await call('GET', `${base()}/apps/${id}`)).body.result).toEqual({ id, ...made });
    expect(await stand.events('protection.repaired')).toEqual([]);

    // Who gives way says what was seen before.
    await stage.db.pool.query(
      `update site_conditions set status = 'true', reason = $2, message = $3 where site_id = $1 and aspect = 'policy'`,
      [stand.site.siteId, 'PathGuardedElsewhere', 'seen before'],
    );
    await stage.simulator.control.misbehave({ method: 'GET', path: '/apps', kind: '429', retryAfterSeconds: 1 });
    expect(await condition()).toMatchObject({ reason: 'PathGuardedElsewhere', message: 'seen before' });
    await stage.simulator.control.behave();

    await call('DELETE', `${base()}/apps/${id}`);
    await expect.poll(condition).toMatchObject({ status: 'true', reason: 'ProtectionInForce' });
    expect(await known()).toEqual([]);
  });

  test('leaves with its site, and everything of others stays', async () => {
    await call('PUT', phase(stand), { rules: [theirs] });
    await stand.want(all);
    await stand.settle();
    await wantGone(stage, stand.site);
    await expect.poll(async () => (await stand.look()).kind, { timeout: 60_000 }).toBe('gone');
    expect(await observe(stand)).toEqual({ apps: [], policies: [], rules: [] });
    expect(await rulesOf(stand)).toMatchObject([{ ref: 'theirs' }]);
  });

  test('stays as it was where the account or the zone has no room', async () => {
    const full = [1, 2, 3, 4, 5].map((one) => ({ ...theirs, ref: `theirs-${one}` }));
    await call('PUT', phase(stand), { rules: full });
    await stand.want({ ip });
    await expect(stand.look()).rejects.toMatchObject({ code: 'rules.full' });
    expect(await rulesOf(stand)).toHaveLength(5);
  });
});
