import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../../testing/make-api-client.ts';
import { visitEdge } from '../../testing/visit-edge.ts';
import { type CloudflareSimulator, startCloudflare } from '../start-cloudflare.ts';
import { Access } from './access.ts';

const team = { name: 'team', decision: 'allow', include: [{ email_domain: { domain: 'example.org' } }] };
const application = (...domains: string[]) => ({ type: 'self_hosted', name: 'shop', self_hosted_domains: domains });

let simulator: CloudflareSimulator;
let call: CallApi;
let path: string;

const create = (body: Record<string, unknown>, what = 'apps') => call('POST', `${path}/${what}`, body);
const idOf = async (body: Record<string, unknown>, what?: string): Promise<string> =>
  (await create(body, what)).body.result.id;

beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'ordinary' });
  call = makeApiClient(simulator);
  path = `/accounts/${simulator.accountId}/access`;
});
afterEach(() => simulator.stop());

describe('applications of Access', () => {
  test('hold a host name up at the edge, until they are deleted', async () => {
    await simulator.control.addZone('shop.example', 'active');
    const record = { type: 'A', name: 'shop.example', content: '192.0.2.80', proxied: true };
    await simulator.control.addRecord('shop.example', record);
    await simulator.control.setForeignServer('192.0.2.80', { status: 200, body: 'here' });
    const policy = await idOf(team, 'policies');
    const id = await idOf({ ...application('shop.example', 'www.shop.example'), policies: [policy] });
    expect((await visitEdge(simulator, 'shop.example')).status).toBe(302);
    expect((await visitEdge(simulator, 'shop.example', { identity: 'anna@example.org' })).text).toBe('here');
    expect((await call('DELETE', `${path}/apps/${id}`)).status).toBe(202);
    expect((await visitEdge(simulator, 'shop.example')).text).toBe('here');
  });

  test('have each host name once, whatever they are called', async () => {
    const id = await idOf(application('a.example', 'www.a.example'));
    const again = await create(application('www.a.example'));
    expect([again.status, again.body.errors]).toEqual([
      409,
      [{ code: 12_130, message: 'access.api.error.application_already_exists' }],
    ]);
    const other = await idOf(application('b.example'));
    expect(toOutcome(await call('PUT', `${path}/apps/${other}`, application('a.example')))).toEqual([409, 12_130]);
    expect((await call('PUT', `${path}/apps/${id}`, application('a.example'))).status).toBe(200);
    expect((await create(application('www.a.example'))).status).toBe(201);
  });

  test('are found by a host name, exactly or in part', async () => {
    const id = await idOf(application('a.example', 'www.a.example'));
    const find = async (query: string) =>
      (await call('GET', `${path}/apps?${query}`)).body.result.map((one: { id: string }) => one.id);
    expect(await find('domain=www.a.example&exact=true')).toEqual([id]);
    expect(await find('domain=a.exam')).toEqual([id]);
    expect(await find('domain=a.exam&exact=true')).toEqual([]);
  });

  test('use policies, which stay as long as they are used', async () => {
    const policy = await idOf(team, 'policies');
    const id = await idOf({ ...application('a.example'), policies: [{ id: policy, precedence: 1 }] });
    const shown = (await call('GET', `${path}/apps/${id}`)).body.result;
    expect(shown.policies).toEqual([expect.objectContaining({ ...team, id: policy, precedence: 1 })]);
    expect(toOutcome(await call('DELETE', `${path}/policies/${policy}`))[0]).toBe(409);
    expect((await call('GET', `${path}/policies/${policy}`)).body.result.app_count).toBe(1);
    await call('PUT', `${path}/apps/${id}`, application('a.example'));
    expect((await call('DELETE', `${path}/policies/${policy}`)).status).toBe(202);
  });

  test('forget the settings that a change leaves away', async () => {
    const uri = 'a.example/shop';
    const more = { allowed_idps: ['google'], options_preflight_bypass: true, destinations: [{ type: 'public', uri }] };
    const id = await idOf({ type: 'self_hosted', name: 'shop', ...more });
    const shown = async () => (await call('GET', `${path}/apps/${id}`)).body.result;
    expect(await shown()).toMatchObject({ ...more, self_hosted_domains: [uri] });
    await call('PUT', `${path}/apps/${id}`, application('a.example'));
    const destinations = [{ type: 'public', uri: 'a.example' }];
    expect(await shown()).toMatchObject({ allowed_idps: [], options_preflight_bypass: false, destinations });
  });

  test('are 500 at most', async () => {
    const first = await idOf(application('site-0.example'));
    for (let made = 1; made < 500; made += 1) await create(application(`site-${made}.example`));
    expect((await create(application('more.example'))).status).toBe(403);
    await call('DELETE', `${path}/apps/${first}`);
    expect((await create(application('more.example'))).status).toBe(201);
  });

  test.each<[title: string, body: Record<string, unknown>]>([
    ['another type', { ...application('a.example'), type: 'saas' }],
    ['no host name', application()],
    ['six host names', application(...[1, 2, 3, 4, 5, 6].map((one) => `s${one}.example`))],
    ['what is no host name', application('https://a.example')],
    ['a domain that is not among its host names', { ...application('a.example'), domain: 'b.example' }],
    ['a session without a unit', { ...application('a.example'), session_duration: '24' }],
    ['policies that are no list', { ...application('a.example'), policies: 'x' }],
    ['a destination that is not public', { ...application('a.example'), destinations: [{ type: 'private' }] }],
    ['one way to sign in of none', { ...application('a.example'), auto_redirect_to_identity: true }],
    ['ways to sign in that are no list', { ...application('a.example'), allowed_idps: 'x' }],
    [
      'two answers to requests that come ahead',
      { ...application('a.example'), options_preflight_bypass: true, cors_headers: { allow_all_origins: true } },
    ],
    ['a field that none has', { ...application('a.example'), bypass: true }],
  ])('are refused with %s', async (_, body) => {
    expect((await create(body)).status).toBe(400);
    expect((await call('GET', `${path}/apps`)).body.result).toEqual([]);
  });

  test('are refused with a policy that is not there', async () => {
    const missing = '00000000-0000-4000-8000-000000000000';
    expect((await create({ ...application('a.example'), policies: [missing] })).status).toBe(404);
  });

  test.each<[title: string, body: Record<string, unknown>]>([
    ['no name', { ...team, name: '' }],
    ['a decision that there is not', { ...team, decision: 'maybe' }],
    ['nobody in it', { ...team, include: [] }],
    ['a rule that is not known', { ...team, include: [{ moon: { phase: 'full' } }] }],
    ['two rules in one', { ...team, include: [{ everyone: {}, email: { email: 'a@example.org' } }] }],
    ['an address that is none', { ...team, include: [{ email: { email: 'anna' } }] }],
    ['a network with host bits', { ...team, require: [{ ip: { ip: '192.0.2.1/24' } }] }],
    ['a country in lower case', { ...team, exclude: [{ geo: { country_code: 'de' } }] }],
  ])('are not given policies with %s', async (_, body) => {
    expect((await create(body, 'policies')).status).toBe(400);
  });

  test('tell the secret of a token once', async () => {
    const { result } = (await create({ name: 'proof' }, 'service_tokens')).body;
    expect(result.client_secret).toMatch(/^[0-9a-f]{64}$/);
    const [listed] = (await call('GET', `${path}/service_tokens`)).body.result;
    expect(listed).toEqual(expect.objectContaining({ id: result.id, client_id: result.client_id }));
    expect(listed.client_secret).toBeUndefined();
  });

  test('are rid of a token that somebody deletes', async () => {
    const { id } = (await create({ name: 'proof' }, 'service_tokens')).body.result;
    const removed = await call('DELETE', `${path}/service_tokens/${id}`);
    expect([removed.status, removed.body.result.client_secret]).toEqual([200, undefined]);
    expect((await call('GET', `${path}/service_tokens`)).body.result).toEqual([]);
    expect((await call('DELETE', `${path}/service_tokens/${id}`)).status).toBe(404);
  });

  test('have tokens that last a year, and longer when they are refreshed', async () => {
    const { id, expires_at } = (await create({ name: 'proof' }, 'service_tokens')).body.result;
    const days = (until: string) => Math.round((Date.parse(until) - Date.now()) / 86_400_000);
    expect(days(expires_at)).toBe(365);
    await simulator.control.endServiceToken('proof', new Date(Date.now() + 86_400_000).toISOString());
    const listed = async () => (await call('GET', `${path}/service_tokens`)).body.result[0];
    expect(days((await listed()).expires_at)).toBe(1);
    const refreshed = await call('POST', `${path}/service_tokens/${id}/refresh`);
    expect([refreshed.status, refreshed.body.result.client_secret]).toEqual([200, undefined]);
    expect(days((await listed()).expires_at)).toBe(365);
    expect((await create({ name: 'odd', duration: 'long' }, 'service_tokens')).status).toBe(400);
  });

  test('outlive the process', () => {
    const access = new Access();
    const policy = access.putPolicy(team);
    access.putApplication({ ...application('a.example'), policies: [policy.id] });
    access.makeToken('proof');
    const next = new Access(JSON.parse(JSON.stringify(access.snapshot())));
    expect(next.snapshot()).toEqual(access.snapshot());
  });
});
