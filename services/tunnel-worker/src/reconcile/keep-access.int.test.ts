import { stillWork } from '@berth/shared/testing/still-work';
import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { visitEdge } from '@berth/simulators/testing/visit-edge';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCloudflareAccess } from '../adapters/cloudflare-access.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { orderSite } from '../testing/stage-site.ts';
import type { AccessRule } from './access-api.ts';
import { type AccessFound, type AccessWish, type KeptAccess, keepAccess } from './keep-access.ts';

const people: readonly AccessRule[] = [
  { email: { email: 'anna@example.org' } },
  { email_domain: { domain: 'shop.example' } },
];
const wish: AccessWish = { people, sessionHours: 24 };

let stage: Stage;
let base: string;
let proofPolicyId: string;
let domain: string;
let slug: string;
let made = 0;

const call = (method: string, path: string, body?: unknown) => makeApiClient(stage.simulator)(method, path, body);
const { lease } = stillWork('policy', '');
let onDifference: KeptAccess['onDifference'];
const keep = (wanted: AccessWish | undefined) => {
  const hostnames = [domain, `www.${domain}`] as const;
  const proofPolicyOf = async () => proofPolicyId;
  const kept = { slug, hostnames, wanted, proofPolicyOf, ...(onDifference && { onDifference }) };
  return keepAccess(makeCloudflareAccess(stage.cloudflare), kept, lease);
};
/** What is told while something is done. */
async function told(act: () => Promise<unknown>): Promise<AccessFound[]> {
  const all: AccessFound[] = [];
  onDifference = async (found) => void all.push(found);
  try {
    await act();
  } finally {
    onDifference = undefined;
  }
  return all;
}
const applications = async () =>
  (await call('GET', `${base}/apps`)).body.result.filter((one: { domain: string }) => one.domain.includes(domain));
const policies = async () =>
  (await call('GET', `${base}/policies`)).body.result.filter((one: { name: string }) => one.name === `berth ${slug}`);

beforeAll(async () => {
  stage = await openStage();
  base = `/accounts/${stage.simulator.accountId}/access`;
  const token = (await call('POST', `${base}/service_tokens`, { name: 'berth proof' })).body.result;
  const include = [{ service_token: { token_id: token.id } }];
  const proof = await call('POST', `${base}/policies`, { name: 'berth proof', decision: 'non_identity', include });
  proofPolicyId = proof.body.result.id;
});
beforeEach(async () => {
  ({ domain } = await orderSite(stage));
  made += 1;
  slug = `slug${made}`;
  await stage.simulator.control.clearCalls();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

describe('keepAccess', () => {
  test('guards all host names of a site, and opens them again, each with four calls', async () => {
    expect(await keep(wish)).toBe('changed');
    expect(await stage.simulator.control.calls()).toHaveLength(4);
    const [application, ...more] = await applications();
    expect(more).toEqual([]);
    expect(application).toMatchObject({
      name: `berth ${slug}`,
      self_hosted_domains: [domain, `www.${domain}`],
      session_duration: '24h',
      policies: [{ id: proofPolicyId }, { name: `berth ${slug}`, decision: 'allow', include: people }],
    });
    await stage.simulator.control.clearCalls();
    expect(await keep(undefined)).toBe('changed');
    expect(await stage.simulator.control.calls()).toHaveLength(4);
    expect([await applications(), await policies()]).toEqual([[], []]);
    expect((await call('GET', `${base}/policies/${proofPolicyId}`)).status).toBe(200);
  });

  test('holds up at the edge whoever is not meant, on the apex and below www', async () => {
    for (const name of [domain, `www.${domain}`]) {
      const record = { type: 'A', name, content: '192.0.2.80', proxied: true };
      await stage.simulator.control.addRecord(domain, record);
    }
    await stage.simulator.control.activateZone(domain);
    await stage.simulator.control.setForeignServer('192.0.2.80', { status: 200, body: 'here' });
    await keep(wish);
    for (const name of [domain, `www.${domain}`]) {
      expect((await visitEdge(stage.simulator, name)).status).toBe(302);
      expect((await visitEdge(stage.simulator, name, { identity: 'eve@example.org' })).status).toBe(403);
      expect((await visitEdge(stage.simulator, name, { identity: 'anna@example.org' })).text).toBe('here');
    }
  });

  test('does nothing where all is as wanted, in whatever order', async () => {
    await keep(wish);
    await stage.simulator.control.clearCalls();
    expect(await keep({ ...wish, people: people.toReversed() })).toBe('nothing');
    expect(await stage.simulator.control.calls()).toHaveLength(2);
    await keep(undefined);
    expect(await keep(undefined)).toBe('nothing');
  });

  test('changes who may enter in one step, and how long a visit lasts', async () => {
    await keep(wish);
    const [{ id }] = await applications();
    await keep({ people: [{ email: { email: 'bert@example.org' } }], sessionHours: 2 });
    expect(await applications()).toEqual([
      expect.objectContaining({
        id,
        session_duration: '2h',
        policies: [expect.anything(), expect.objectContaining({ include: [{ email: { email: 'bert@example.org' } }] })],
      }),
    ]);
  });

  test('sets right what somebody changed', async () => {
    await keep(wish);
    const [{ id: policyId, ...policy }] = await policies();
    const { name, decision, include } = policy;
    await call('PUT', `${base}/policies/${policyId}`, { name, decision, include, exclude: [{ everyone: {} }] });
    const [{ id }] = await applications();
    await call('PUT', `${base}/apps/${id}`, { type: 'self_hosted', name: `berth ${slug}`, domain, policies: [] });
    expect(await keep(wish)).toBe('changed');
    const [application] = await applications();
    expect(application.self_hosted_domains).toEqual([domain, `www.${domain}`]);
    expect(application.policies).toMatchObject([{ id: proofPolicyId }, { id: policyId, exclude: [] }]);
  });

  const LOOSENED: readonly (readonly [title: string, more: Record<string, unknown>])[] = [
    ['who may sign in by what', { allowed_idps: ['google'] }],
    ['where a visit begins', { allowed_idps: ['google'], auto_redirect_to_identity: true }],
    ['what comes ahead of requests', { options_preflight_bypass: true }],
    ['who reads it from other sites', { cors_headers: { allow_all_origins: true } }],
    ['devices that count as signed in', { allow_authenticate_via_warp: true }],
    ['how long a visit lasts', { session_duration: '720h' }],
    ['that nobody needs a further factor', { mfa_config: { mfa_disabled: true } }],
    ['where it is listed', { app_launcher_visible: true }],
  ];
  test.each(LOOSENED)('tells of and sets right what somebody changed of an application: %s', async (_, more) => {
    await keep(wish);
    const [{ id, policies: linked, ...before }] = await applications();
    const policyIds = linked.map((one: { id: string }) => one.id);
    const { name, destinations, session_duration, app_launcher_visible } = before;
    const body = { type: 'self_hosted', name, domain, destinations, session_duration, app_launcher_visible };
    await call('PUT', `${base}/apps/${id}`, { ...body, policies: policyIds, ...more });
    const [found] = await told(() => keep(wish));
    expect(JSON.stringify(found?.application)).toContain(JSON.stringify(Object.values(more)[0]));
    const [after] = await applications();
    expect({ ...after, updated_at: before.updated_at }).toEqual({ id, policies: linked, ...before });
    expect(await keep(wish)).toBe('nothing');
  });

  test('closes paths that somebody opened to all', async () => {
    await keep(wish);
    const [{ id, name, policies: linked }] = await applications();
    const overrides = [{ behavior: 'public', path_pattern: '/admin' }];
    const destinations = [
      { type: 'public', uri: domain, overrides },
      { type: 'public', uri: `www.${domain}` },
    ];
    const policyIds = linked.map((one: { id: string }) => one.id);
    const body = { type: 'self_hosted', name, session_duration: '24h', app_launcher_visible: false };
    await call('PUT', `${base}/apps/${id}`, { ...body, destinations, policies: policyIds });
    expect(await told(() => keep(wish))).toMatchObject([{ application: { more: { destinations } } }]);
    expect(await applications()).toMatchObject([
      { destinations: [domain, `www.${domain}`].map((uri) => ({ type: 'public', uri })) },
    ]);
    expect(JSON.stringify(await applications())).not.toContain('overrides');
  });

  test.each<[title: string, more: Record<string, unknown>]>([
    ['whom it leaves out', { exclude: [{ everyone: {} }] }],
    ['who must agree', { approval_required: true }],
    ['how long a visit lasts', { session_duration: '720h' }],
    ['whom it lets in', { include: [{ everyone: {} }] }],
    ['that nobody needs a further factor', { mfa_config: { mfa_disabled: true } }],
    ['that it asks nobody to sign in', { decision: 'bypass' }],
  ])('tells of and sets right what somebody changed of its policy: %s', async (_, more) => {
    await keep(wish);
    const [{ id, name, decision, include, session_duration, ...before }] = await policies();
    await call('PUT', `${base}/policies/${id}`, { name, decision, include, session_duration, ...more });
    const [found] = await told(() => keep(wish));
    expect(JSON.stringify(found?.policies)).toContain(JSON.stringify(Object.values(more)[0]));
    const [after] = await policies();
    expect({ ...after, updated_at: before.updated_at }).toEqual({
      ...{ id, name, decision, include, session_duration },
      ...before,
    });
    expect(await keep(wish)).toBe('nothing');
  });

  test('takes a policy out that somebody put before ours', async () => {
    await keep(wish);
    const [{ id, name, policies: linked, destinations }] = await applications();
    const everybody = { name: `open ${slug}`, decision: 'bypass', include: [{ everyone: {} }] };
    const open = (await call('POST', `${base}/policies`, everybody)).body.result;
    const body = { type: 'self_hosted', name, destinations, session_duration: '24h', app_launcher_visible: false };
    const ids = linked.map((one: { id: string }) => one.id);
    await call('PUT', `${base}/apps/${id}`, { ...body, policies: [open.id, ...ids] });
    expect(await told(() => keep(wish))).toMatchObject([{ application: { policies: [open.id, ...ids] } }]);
    await call('PUT', `${base}/apps/${id}`, { ...body, policies: ids.toReversed() });
    expect(await told(() => keep(wish))).toMatchObject([{ application: { policies: ids.toReversed() } }]);
    expect(await applications()).toMatchObject([{ policies: linked }]);
    // It is somebody else's, and stays.
    expect((await call('GET', `${base}/policies/${open.id}`)).status).toBe(200);
  });

  test('knows its application by its policy where somebody gave it another name', async () => {
    const rename = async () => {
      const [{ id, policies: linked }] = await applications();
      const names = { domain, self_hosted_domains: [domain, `www.${domain}`] };
      const ids = linked.map((one: { id: string }) => one.id);
      await call('PUT', `${base}/apps/${id}`, { type: 'self_hosted', name: 'by hand', ...names, policies: ids });
    };
    await keep(wish);
    await rename();
    expect(await keep(wish)).toBe('changed');
    expect(await applications()).toMatchObject([{ name: `berth ${slug}` }]);
    await rename();
    await keep(undefined);
    expect([await applications(), await policies()]).toEqual([[], []]);
  });

  test('lets programs in by their tokens beside people, and takes that back', async () => {
    const token = (await call('POST', `${base}/service_tokens`, { name: slug })).body.result;
    const programs = [{ service_token: { token_id: token.id } }];
    await keep({ ...wish, programs });
    const [{ policies: linked }] = await applications();
    expect(linked).toMatchObject([
      { id: proofPolicyId },
      { name: `berth ${slug} programs`, decision: 'non_identity', include: programs },
      { name: `berth ${slug}`, decision: 'allow' },
    ]);
    await keep(wish);
    expect(await applications()).toMatchObject([{ policies: [{ id: proofPolicyId }, { name: `berth ${slug}` }] }]);
    await keep({ people: [], programs, sessionHours: 1 });
    expect(await policies()).toEqual([]);
    await keep(undefined);
    const left = (await call('GET', `${base}/policies`)).body.result as { name: string }[];
    expect(left.filter(({ name }) => name.startsWith(`berth ${slug}`))).toEqual([]);
  });

  test('touches no application of somebody else, and says so where one is in the way', async () => {
    const theirs = { type: 'self_hosted', name: 'by hand', domain, policies: [] };
    await call('POST', `${base}/apps`, theirs);
    await expect(keep(wish)).rejects.toMatchObject({ code: 'access.stranger' });
    await keep(undefined);
    expect(await applications()).toMatchObject([theirs]);
    expect(await policies()).toEqual([]);
  });

  test('says so where the account has no room for a policy or an application', async () => {
    for (const path of ['/policies$', '/apps$']) {
      await stage.simulator.control.misbehave({ method: 'POST', path, kind: 'refusal', status: 403, code: 12_132 });
      await expect(keep(wish)).rejects.toMatchObject({ code: 'access.quota-reached' });
    }
    expect(await applications()).toEqual([]);
    expect(await keep(wish)).toBe('changed');
  });

  const FAULTS = ['lost-answer', '5xx', '429'] as const;
  test.each(FAULTS.flatMap((kind) => ['/policies$', '/apps$'].map((path) => [kind, path] as const)))(
    'has one application with one policy after %s of a POST to %s',
    async (kind, path) => {
      await stage.simulator.control.misbehave({
        method: 'POST',
        path,
        kind,
        ...(kind === '429' && { retryAfterSeconds: 1 }),
      });
      await expect(keep(wish)).rejects.toMatchObject({ code: expect.stringMatching(/^cloudflare\./) });
      for (const one of await applications()) expect(one.policies).toHaveLength(2);
      await keep(wish);
      expect(await policies()).toHaveLength(1);
      expect(await applications()).toMatchObject([{ policies: [{ id: proofPolicyId }, { name: `berth ${slug}` }] }]);
    },
  );

  test.each(FAULTS.flatMap((kind) => ['/policies/', '/apps/'].map((path) => [kind, path] as const)))(
    'has what was in force before or what is wanted after %s of a PUT or DELETE at %s',
    async (kind, path) => {
      await keep(wish);
      const fault = (method: string) =>
        stage.simulator.control.misbehave({ method, path, kind, ...(kind === '429' && { retryAfterSeconds: 1 }) });
      await fault('PUT');
      const next = { people: [{ everyone: {} }], sessionHours: 1 };
      await expect(keep(next)).rejects.toMatchObject({ code: expect.stringMatching(/^cloudflare\./) });
      const [application] = await applications();
      expect(application.policies).toHaveLength(2);
      await keep(next);
      expect(await applications()).toMatchObject([{ session_duration: '1h' }]);
      await fault('DELETE');
      await expect(keep(undefined)).rejects.toMatchObject({ code: expect.stringMatching(/^cloudflare\./) });
      await keep(undefined);
      expect([await applications(), await policies()]).toEqual([[], []]);
    },
  );
});
