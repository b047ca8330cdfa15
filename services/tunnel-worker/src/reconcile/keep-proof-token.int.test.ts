import { readAccessProof } from '@berth/shared/store/access-proofs';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';

const DAY_MS = 86_400_000;
const access = { emails: ['anna@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };

let stage: Stage;
let stand: PolicyStand;
let other: PolicyStand;

beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  [stand, other] = [await makePolicyStand(stage), await makePolicyStand(stage)];
  for (const one of [stand, other]) {
    await one.want({ access });
    await one.settle();
  }
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

const tokensPath = () => `/accounts/${stage.simulator.accountId}/access/service_tokens`;
const call = (method: string, path: string, body?: unknown) => makeApiClient(stage.simulator)(method, path, body);
const tokens = async (): Promise<{ id: string; expires_at: string }[]> =>
  (await call('GET', tokensPath())).body.result.filter(({ name }: { name: string }) => name === 'berth proof');
const theToken = async () => {
  const [token, ...more] = await tokens();
  expect(more).toEqual([]);
  if (!token) throw new Error('the account has no token');
  return token;
};
const daysLeft = async () => Math.round((Date.parse((await theToken()).expires_at) - Date.now()) / DAY_MS);
const known = async () => {
  const proof = await readAccessProof(stage.db, stage.simulator.accountId);
  if (!proof) throw new Error('no token is known');
  return proof;
};
/** What a look of Berth's own gets of each site. */
async function looks(): Promise<number[]> {
  const { clientId, clientSecretEnc } = await known();
  const token = { clientId, clientSecret: stage.vault.decrypt(clientSecretEnc).reveal() };
  return Promise.all([stand, other].map((one) => one.visit(one.hostnames[0], { token })));
}
const endIn = (days: number) =>
  stage.simulator.control.endServiceToken('berth proof', new Date(Date.now() + days * DAY_MS).toISOString());
/** An hour in which nobody looked at the token. */
const pass = () => stage.db.pool.query(`update access_proofs set seen_at = now() - interval '2 hours'`);
const somebodyDeletes = async () => call('DELETE', `${tokensPath()}/${(await theToken()).id}`);
const listings = async () =>
  (await stage.simulator.control.calls()).filter(
    ({ method, path }) => method === 'GET' && path.includes('service_tokens'),
  ).length;

describe('the token of Berth’s own looks', () => {
  test('is prolonged in the weeks before it ends, and its secret stays', async () => {
    const before = await known();
    await endIn(59);
    await pass();
    await stand.look();
    expect(await daysLeft()).toBe(365);
    expect(await known()).toMatchObject({ tokenId: before.tokenId, clientSecretEnc: before.clientSecretEnc });
    expect(await looks()).toEqual([200, 200]);
  });

  test('is left alone while it has time, and looked at once an hour for all sites', async () => {
    await endIn(61);
    await pass();
    await stage.simulator.control.clearCalls();
    for (const one of [stand, other, stand]) await one.look();
    expect(await listings()).toBe(1);
    expect(await daysLeft()).toBe(61);
  });

  test('is made anew when somebody deleted it, once for all sites, which the audit tells', async () => {
    const { id: former } = await theToken();
    await somebodyDeletes();
    expect(await looks()).toEqual([302, 302]);
    await pass();
    await stand.look();
    expect(await looks()).toEqual([200, 200]);
    const { id } = await theToken();
    await other.look();
    expect((await theToken()).id).toBe(id);
    const { rows } = await stage.db.pool.query(
      `select actor_kind, target, before, after from audit_entries where action = 'renewProofToken' order by id desc limit 1`,
    );
    const told = { actor_kind: 'system', target: stage.simulator.accountId };
    expect(rows).toEqual([{ ...told, before: { id: former }, after: { id } }]);
  });

  test('is made anew once where two sites miss it in the same moment', async () => {
    await somebodyDeletes();
    await pass();
    await Promise.all([stand.look(), other.look()]);
    expect((await theToken()).id).toBe((await known()).tokenId);
    expect(await looks()).toEqual([200, 200]);
  });

  test.each<[at: number, kind: 'killed' | 'answer-lost', what: string]>([
    [1, 'killed', 'createToken'],
    [1, 'answer-lost', 'createToken'],
    [2, 'killed', 'changePolicy'],
    [2, 'answer-lost', 'changePolicy'],
  ])('lets looks through again after effect %i of its renewal ended with %s (%s)', async (at, kind, what) => {
    await somebodyDeletes();
    await pass();
    const effects: Effects = makeEffects({ at, kind });
    await expect(stand.look(effects)).rejects.toThrow();
    expect(effects.names.at(-1)).toBe(what);
    await stand.settle();
    expect((await theToken()).id).toBe((await known()).tokenId);
    expect(await looks()).toEqual([200, 200]);
  });

  test.each([
    ['lost-answer', '/service_tokens$'],
    ['5xx', '/service_tokens$'],
    ['429', '/service_tokens$'],
    ['lost-answer', '/rotate$'],
    ['5xx', '/rotate$'],
    ['429', '/rotate$'],
  ] as const)('is there once after %s of a POST to %s, and the site is guarded all the while', async (kind, path) => {
    await somebodyDeletes();
    // One of its name whose secret nobody knows is given another.
    if (path === '/rotate$') await call('POST', tokensPath(), { name: 'berth proof' });
    await pass();
    await stage.simulator.control.misbehave({ method: 'POST', path, kind, retryAfterSeconds: 1 });
    // Who only keeps watch gives way when Cloudflare wants fewer calls.
    const ended = await stand.look().then(
      ({ message }) => message,
      ({ code }) => code,
    );
    expect(ended).toBe(kind === '429' ? 'not looked at just now' : 'cloudflare.unavailable');
    expect(await stand.visit(stand.hostnames[0])).toBe(302);
    await stage.db.pool.query('update cloudflare_accounts set blocked_until = null');
    await stand.settle();
    expect((await theToken()).id).toBe((await known()).tokenId);
    expect(await looks()).toEqual([200, 200]);
  });

  test('is prolonged by the next look where the answer was lost, or Cloudflare was away', async () => {
    for (const kind of ['lost-answer', '5xx'] as const) {
      await endIn(30);
      await pass();
      await stage.simulator.control.misbehave({ method: 'POST', path: '/refresh$', kind });
      await expect(stand.look()).rejects.toMatchObject({ code: expect.stringMatching(/^cloudflare\./) });
      expect(await looks()).toEqual([200, 200]);
      await stand.settle();
      expect(await daysLeft()).toBe(365);
    }
  });

  test('keeps nobody waiting who changes what protects a site', async () => {
    await pass();
    await stand.want({ access: { ...access, sessionHours: 2 } });
    await stage.simulator.control.clearCalls();
    await stand.settle();
    expect((await stage.simulator.control.calls()).length).toBeLessThanOrEqual(4);
    expect(await listings()).toBe(0);
  });
});
