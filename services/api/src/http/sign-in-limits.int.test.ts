import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

/** Asks from a place, as a proxy on this machine tells it. */
const from = (place: string) => (path: string, body: unknown) =>
  api.ask('POST', path, { key: null, body, headers: { origin: api.url, 'x-forwarded-for': place } });
const TOO_MANY = { status: 429, code: 'sign-in.too-many-tries' };
const said = ({ status, body }: Awaited<ReturnType<ReturnType<typeof from>>>) => ({ status, code: body.code });

describe('mails to sign in by', () => {
  test('are limited for an address, wherever they are asked for', async () => {
    const email = 'erika@example.org';
    for (let n = 1; n <= 5; n += 1) {
      expect((await from(`192.0.2.${n}`)('/v1/sign-in/mails', { email })).status).toBe(202);
    }
    const refused = await from('192.0.2.6')('/v1/sign-in/mails', { email: 'Erika@Example.org' });
    expect(said(refused)).toEqual(TOO_MANY);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await from('192.0.2.6')('/v1/sign-in/mails', { email: 'other@example.org' })).status).toBe(202);
  });

  test('are limited for a place, whichever addresses they are for', async () => {
    const ask = from('192.0.2.1');
    for (let n = 1; n <= 30; n += 1) {
      expect((await ask('/v1/sign-in/mails', { email: `e${n}@example.org` })).status).toBe(202);
    }
    expect(said(await ask('/v1/sign-in/mails', { email: 'one-more@example.org' }))).toEqual(TOO_MANY);
    expect((await from('192.0.2.2')('/v1/sign-in/mails', { email: 'one-more@example.org' })).status).toBe(202);
  });
});

describe('a place', () => {
  test('is a whole network of IPv6, of which anybody has as many addresses as they like', async () => {
    const ask = (n: number) =>
      from(`2001:db8:1:2:${n.toString(16)}::1`)('/v1/sign-in/mails', { email: `six-${n}@example.org` });
    for (let n = 1; n <= 30; n += 1) expect((await ask(n)).status).toBe(202);
    expect(said(await ask(31))).toEqual(TOO_MANY);
    const beside = from('2001:db8:1:3::1')('/v1/sign-in/mails', { email: 'six-32@example.org' });
    expect((await beside).status).toBe(202);
  });
});

describe('tries to sign in', () => {
  test.for([
    ['a code', '/v1/sign-in/codes', { email: 'erika@example.org', code: '000000' }],
    ['a password', '/v1/sign-in/passwords', { email: 'erika@example.org', password: 'x' }],
  ] as const)('by %s are limited for an address, wherever they come from', async ([, path, body]) => {
    for (let n = 1; n <= 10; n += 1) expect((await from(`192.0.2.${n}`)(path, body)).status).toBe(401);
    expect(said(await from('192.0.2.11')(path, body))).toEqual(TOO_MANY);
  });

  test('by codes are limited for an address within a day, however patient who guesses is', async () => {
    const body = { email: 'erika@example.org', code: '000000' };
    const later = () =>
      api.context.db.pool.query(
        `update rate_limits set started_at = started_at - interval '16 min' where key like 'code:%'`,
      );
    for (let n = 1; n <= 20; n += 1) {
      expect((await from(`192.0.2.${n}`)('/v1/sign-in/codes', body)).status).toBe(401);
      if (n % 10 === 0) await later();
    }
    const refused = await from('192.0.2.21')('/v1/sign-in/codes', body);
    expect(said(refused)).toEqual(TOO_MANY);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60 * 60);
    const other = { ...body, email: 'other@example.org' };
    expect((await from('192.0.2.21')('/v1/sign-in/codes', other)).status).toBe(401);
  });

  test.for([
    ['links', '/v1/sign-in/links', { token: 'a'.repeat(43) }],
    ['second factors', '/v1/sign-in/second-factors', { code: '000000' }],
    ['invitations', '/v1/sign-in/invitations', { token: 'a'.repeat(43), password: 'correct horse battery' }],
  ] as const)('by %s are limited for a place', async ([, path, body]) => {
    const ask = from('192.0.2.1');
    for (let n = 1; n <= 60; n += 1) expect((await ask(path, body)).status).toBe(401);
    expect(said(await ask(path, body))).toEqual(TOO_MANY);
    expect((await from('192.0.2.2')(path, body)).status).toBe(401);
  });
});
