import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { visitEdge } from '@berth/simulators/testing/visit-edge';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCloudflareAccess } from '../adapters/cloudflare-access.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { orderSite } from '../testing/stage-site.ts';
import type { AccessRule } from './access-api.ts';
import { type AccessWish, keepAccess } from './keep-access.ts';

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
const lease = { signal: new AbortController().signal, assert: async () => undefined };
const keep = (wanted: AccessWish | undefined) =>
  keepAccess(
    makeCloudflareAccess(stage.cloudflare),
    { slug, hostnames: [domain, `www.${domain}`], wanted, proofPolicyOf: async () => proofPolicyId },
    lease,
  );
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
