import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../testing/assert-envelope.ts';
import { type CallApi, makeApiClient, toOutcome } from '../testing/make-api-client.ts';
import { type CloudflareOptions, type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

type Fields = Record<string, unknown>;

const target = '11111111-2222-3333-4444-555555555555.cfargotunnel.com';

let simulator: CloudflareSimulator;
let call: CallApi;
let path: string;

async function start(options: Partial<CloudflareOptions> = {}): Promise<void> {
  simulator = await startCloudflare({ profile: 'ordinary', ...options });
  call = makeApiClient(simulator);
  path = `/zones/${(await simulator.control.addZone('mustermann.de', 'active')).id}/dns_records`;
}

const add = (type: string, name: string, content: string, more: Fields = {}): Promise<ApiAnswer> =>
  call('POST', path, { type, name, content, ttl: 1, ...more });
const idOf = (answer: ApiAnswer): string => answer.body.result.id;
const listed = async (query = ''): Promise<string[]> =>
  (await call('GET', `${path}?${query}`)).body.result.map(
    ({ type, name, content }: Record<string, string>) => `${type} ${name} ${content}`,
  );

beforeEach(() => start());
afterEach(() => simulator.stop());

describe('a DNS record', () => {
  test('is shown as a captured one is', async () => {
    const { body } = await add('CNAME', 'WWW', target, { proxied: true, ttl: 300, comment: 'berth abc' });
    expect(body.result).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: 'www.mustermann.de',
      type: 'CNAME',
      content: target,
      proxiable: true,
      proxied: true,
      ttl: 1,
      settings: { flatten_cname: false },
      meta: {},
      comment: 'berth abc',
      tags: [],
      created_on: expect.any(String),
      modified_on: expect.any(String),
    });
  });

  test('is taken as relative to the zone where its name lies outside', async () => {
    expect((await add('A', '@', '192.0.2.1')).body.result.name).toBe('mustermann.de');
    expect((await add('A', 'www.beispiel.de', '192.0.2.1')).body.result.name).toBe('www.beispiel.de.mustermann.de');
  });

  test.each<[string, Fields, number]>([
    ['no type', { type: undefined }, 9004],
    ['an unknown type', { type: 'ALIAS' }, 9004],
    ['no name', { name: undefined }, 9000],
    ['a bad name', { name: 'a b' }, 9000],
    ['an unencoded name', { name: 'müller' }, 9000],
    ['a bad address', { content: '192.0.2.256' }, 9005],
    ['an address of the wrong kind', { content: '2001:db8::1' }, 9005],
    ['no content', { content: '' }, 9005],
    ['a short time to live', { ttl: 59 }, 9021],
    ['a broken time to live', { ttl: 60.5 }, 9021],
    ['a proxy for a type that has none', { type: 'TXT', proxied: true }, 9041],
    ['a long comment', { comment: 'x'.repeat(101) }, 9300],
    ['tags, which a free plan has none of', { tags: ['a:b'] }, 9300],
    ['no priority', { type: 'MX', content: 'mail.mustermann.de' }, 9101],
    ['itself as its target', { type: 'CNAME', content: 'www.mustermann.de' }, 9039],
    ['an id of its own', { id: '0'.repeat(32) }, 9207],
    ['an unknown field', { zone_id: '0'.repeat(32) }, 9207],
  ])('is refused with %s', async (_what, fields, code) => {
    const { status, body } = await add('A', 'www', '192.0.2.1', fields);
    expect([status, body.errors]).toMatchObject([400, [{ code: 1004, error_chain: [{ code }] }]]);
    expect(await listed()).toEqual([]);
  });

  test('has tags where the plan of its zone gives them', async () => {
    await simulator.control.setPlan('mustermann.de', 'pro');
    const { body } = await add('A', 'www', '192.0.2.1', { tags: ['owner:web'] });
    expect(body.result.tags).toEqual(['owner:web']);
    expect((await add('A', 'shop', '192.0.2.1', { tags: ['a b'] })).status).toBe(400);
    await simulator.control.setPlan('mustermann.de', 'free');
    const [kept] = await simulator.control.listRecords('mustermann.de');
    expect(kept?.tags).toEqual(['owner:web']);
  });

  test('is 81044 where there is none', async () => {
    const gone = idOf(await add('A', 'www', '192.0.2.1'));
    expect((await call('DELETE', `${path}/${gone}`)).body.result).toEqual({ id: gone });
    for (const method of ['GET', 'DELETE']) {
      expect(toOutcome(await call(method, `${path}/${gone}`))).toEqual([404, 81_044]);
    }
    const whole = { type: 'A', name: 'www', content: '192.0.2.1', ttl: 1 };
    expect(toOutcome(await call('PATCH', `${path}/${gone}`, { ttl: 60 }))).toEqual([404, 81_044]);
    expect(toOutcome(await call('PUT', `${path}/${gone}`, whole))).toEqual([404, 81_044]);
  });

  test('keeps with PATCH what is not named, and loses it with PUT', async () => {
    const id = idOf(await add('A', 'www', '192.0.2.1', { proxied: true, comment: 'old' }));
    const patched = (await call('PATCH', `${path}/${id}`, { content: '192.0.2.2' })).body.result;
    expect(patched).toMatchObject({ id, content: '192.0.2.2', proxied: true, comment: 'old' });
    const put = await call('PUT', `${path}/${id}`, { type: 'A', name: 'www', content: '192.0.2.3', ttl: 60 });
    expect(put.body.result).toMatchObject({ id, content: '192.0.2.3', proxied: false, comment: null, ttl: 60 });
    expect((await call('PUT', `${path}/${id}`, { content: '192.0.2.4' })).status).toBe(400);
  });
});

describe('records at one name', () => {
  test.each<[before: string, after: string, code: number | undefined]>([
    ['A 192.0.2.1', 'A 192.0.2.1', 81_058],
    ['A 192.0.2.1', 'A 192.0.2.2', undefined],
    ['A 192.0.2.1', 'AAAA 2001:db8::1', undefined],
    ['A 192.0.2.1', `CNAME ${target}`, 81_053],
    ['AAAA 2001:db8::1', `CNAME ${target}`, 81_053],
    [`CNAME ${target}`, 'CNAME other.beispiel.de', 81_053],
    [`CNAME ${target}`, `CNAME ${target}`, 81_058],
    [`CNAME ${target}`, 'A 192.0.2.1', 81_054],
    [`CNAME ${target}`, 'AAAA 2001:db8::1', 81_054],
    [`CNAME ${target}`, 'TXT x', undefined],
    ['TXT x', `CNAME ${target}`, undefined],
    ['NS ns1.beispiel.de', `CNAME ${target}`, 81_056],
    ['NS ns1.beispiel.de', 'A 192.0.2.1', 81_056],
    [`CNAME ${target}`, 'NS ns1.beispiel.de', 81_056],
    ['NS ns1.beispiel.de', 'NS ns2.beispiel.de', undefined],
    ['NS ns1.beispiel.de', 'NS ns1.beispiel.de', 81_058],
  ])('%s and then %s: %s', async (before, after, code) => {
    const addOne = ([type = '', content = '']: string[]) => add(type, 'www', content);
    expect((await addOne(before.split(' '))).status).toBe(200);
    expect(toOutcome(await addOne(after.split(' ')))).toEqual(code === undefined ? [200] : [400, code]);
    expect(await listed()).toHaveLength(code === undefined ? 2 : 1);
  });

  test('follow the same rules when one is changed', async () => {
    await add('A', 'www', '192.0.2.1');
    const id = idOf(await add('A', 'www', '192.0.2.2'));
    const alias = idOf(await add('CNAME', 'other', target));
    expect(toOutcome(await call('PATCH', `${path}/${id}`, { content: '192.0.2.1' }))).toEqual([400, 81_058]);
    expect(toOutcome(await call('PATCH', `${path}/${alias}`, { name: 'www' }))).toEqual([400, 81_053]);
    expect((await call('PATCH', `${path}/${alias}`, { content: 'b.cfargotunnel.com' })).status).toBe(200);
  });
});

describe('the list of records', () => {
  test('comes in pages of 100 when nothing is said, and whole when asked so', async () => {
    for (let nth = 0; nth < 101; nth += 1) {
      await simulator.control.addRecord('mustermann.de', { type: 'TXT', name: `n${nth}`, content: 'x' });
    }
    const info = async (query: string) => (await call('GET', `${path}?${query}`)).body.result_info;
    expect(await info('')).toEqual({ page: 1, per_page: 100, count: 100, total_count: 101, total_pages: 2 });
    expect(await info('page=2')).toMatchObject({ count: 1 });
    expect(await info('page=3')).toMatchObject({ count: 0, total_count: 101 });
    expect(await info('per_page=1000')).toMatchObject({ count: 101, total_pages: 1 });
    expect(await info('per_page=1')).toMatchObject({ count: 1, total_pages: 101 });
    for (const query of ['per_page=0', 'per_page=5000001', 'page=0']) {
      expect([query, ...toOutcome(await call('GET', `${path}?${query}`))]).toEqual([query, 400, 1001]);
    }
  });

  test('is filtered and ordered', async () => {
    await add('CNAME', 'www', target, { proxied: true, comment: 'Berth abc' });
    await add('A', '@', '192.0.2.1', { ttl: 60 });
    await add('TXT', '@', 'v=spf1 -all', { ttl: 120, comment: 'mail' });
    const [www, address, text] = await listed();
    expect(await listed('name.exact=WWW.mustermann.de')).toEqual([www]);
    expect(await listed('name=mustermann.de')).toEqual([address, text]);
    expect(await listed('name.startswith=www')).toEqual([www]);
    expect(await listed('content.endswith=.cfargotunnel.com&comment.startswith=berth')).toEqual([www]);
    expect(await listed('content.contains=spf1')).toEqual([text]);
    expect(await listed('type=A')).toEqual([address]);
    expect(await listed('proxied=true')).toEqual([www]);
    expect(await listed('search=mail')).toEqual([text]);
    expect(await listed('type=A&proxied=true')).toEqual([]);
    expect(await listed('type=A&proxied=true&match=any')).toEqual([www, address]);
    expect(await listed('order=type')).toEqual([address, www, text]);
    expect(await listed('order=ttl&direction=desc')).toEqual([text, address, www]);
    expect(await listed('order=proxied&direction=desc&per_page=1')).toEqual([www]);
  });
});

describe('a batch of records', () => {
  test('deletes, patches, puts and posts, in this order', async () => {
    const old = idOf(await add('A', 'www', '192.0.2.1'));
    const other = idOf(await add('A', 'other', '192.0.2.1'));
    const third = idOf(await add('A', 'third', '192.0.2.1'));
    // Each of them only fits after the one before it.
    const { body } = await call('POST', `${path}/batch`, {
      posts: [{ type: 'CNAME', name: 'third', content: target, ttl: 1, proxied: true }],
      puts: [{ id: third, type: 'A', name: 'other', content: '192.0.2.9', ttl: 60 }],
      patches: [{ id: other, type: 'CNAME', name: 'www', content: target }],
      deletes: [{ id: old }],
    });
    expect(Object.keys(body.result)).toEqual(['deletes', 'patches', 'puts', 'posts']);
    expect(body.result.deletes).toMatchObject([{ id: old, content: '192.0.2.1' }]);
    expect(await listed('order=name')).toEqual([
      'A other.mustermann.de 192.0.2.9',
      `CNAME third.mustermann.de ${target}`,
      `CNAME www.mustermann.de ${target}`,
    ]);
  });

  test('does all or nothing', async () => {
    const id = idOf(await add('A', 'www', '192.0.2.1'));
    const before = await listed();
    const batches: [Fields, number, number][] = [
      [{ deletes: [{ id }], posts: [{ type: 'A', name: 'a', content: 'x', ttl: 1 }] }, 400, 1004],
      [{ deletes: [{ id }, { id }] }, 404, 81_044],
      [
        { patches: [{ id, content: '192.0.2.2' }], posts: [{ type: 'CNAME', name: 'www', content: target }] },
        400,
        81_053,
      ],
      [{ posts: [{ type: 'A', name: 'b', content: '192.0.2.1' }], puts: [{ id, content: '192.0.2.3' }] }, 400, 9000],
      [{ deletes: [id] }, 400, 9207],
      [{ deletes: {} }, 400, 9207],
      [{ patches: [{ content: '192.0.2.2' }] }, 400, 9207],
    ];
    for (const [batch, status, code] of batches) {
      expect(toOutcome(await call('POST', `${path}/batch`, batch))).toEqual([status, code]);
      expect(await listed()).toEqual(before);
    }
  });

  test('is limited to 200 changes, and the zone to 200 records', async () => {
    const posts = (count: number, name: string) =>
      Array.from({ length: count }, (_, nth) => ({ type: 'TXT', name: `${name}${nth}`, content: 'x', ttl: 1 }));
    expect(toOutcome(await call('POST', `${path}/batch`, { posts: posts(201, 'a') }))).toEqual([400, 81_062]);
    expect((await call('POST', `${path}/batch`, { posts: posts(200, 'a') })).status).toBe(200);
    expect(toOutcome(await add('A', 'www', '192.0.2.1'))).toEqual([400, 81_045]);
    const [first] = (await call('GET', path)).body.result;
    expect((await call('POST', `${path}/batch`, { deletes: [{ id: first.id }], posts: posts(1, 'b') })).status).toBe(
      200,
    );
    expect(toOutcome(await call('POST', `${path}/batch`, { posts: posts(1, 'c') }))).toEqual([400, 81_045]);
  });

  test('may be larger with the profile enterprise', async () => {
    await simulator.stop();
    await start({ profile: 'enterprise' });
    const posts = Array.from({ length: 500 }, (_, nth) => ({ type: 'TXT', name: `n${nth}`, content: 'x', ttl: 1 }));
    expect((await call('POST', `${path}/batch`, { posts })).status).toBe(200);
  });
});
