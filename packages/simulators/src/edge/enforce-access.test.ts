import type { IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { Access } from '../cloudflare/access/access.ts';
import { enforceAccess } from './enforce-access.ts';

let access: Access;

beforeEach(() => {
  access = new Access();
});

const policy = (decision: string, include: unknown[], more: Record<string, unknown> = {}) =>
  access.putPolicy({ name: decision, decision, include, ...more }).id;
const application = (
  policies: unknown[],
  domains = ['shop.example', 'www.shop.example'],
  more: Record<string, unknown> = {},
) => access.putApplication({ type: 'self_hosted', name: 'shop', self_hosted_domains: domains, policies, ...more });

function visit(headers: Record<string, string> = {}, url = '/', host = 'shop.example', method = 'GET') {
  const request = { url, method, headers: { host, ...headers }, socket: { remoteAddress: '192.0.2.7' } };
  return enforceAccess(access, request as unknown as IncomingMessage);
}
const signedIn = (email: string) => ({ 'x-simulated-identity': email });

describe('Access, at the edge,', () => {
  test('is no matter of a host name without an application', () => {
    application([policy('allow', [{ everyone: {} }])], ['other.example']);
    expect(visit()).toBeUndefined();
  });

  test('asks whoever is not known to sign in, on every host name of the application', () => {
    application([policy('allow', [{ email: { email: 'Anna@shop.example' } }])]);
    for (const host of ['shop.example', 'www.shop.example']) {
      const answer = visit({}, '/a?b=1', host);
      expect(answer?.status).toBe(302);
      expect(answer?.headers.location).toContain(`.cloudflareaccess.com/cdn-cgi/access/login/${host}?`);
    }
  });

  test('lets pass whom a policy allows, and turns away others who have signed in', () => {
    const require = [{ geo: { country_code: 'DE' } }];
    const exclude = [{ email: { email: 'bert@shop.example' } }];
    application([policy('allow', [{ email_domain: { domain: 'shop.example' } }], { require, exclude })]);
    const from = (email: string, country: string) =>
      visit({ ...signedIn(email), 'x-simulated-visitor': `192.0.2.7 ${country}` })?.status;
    expect(from('anna@shop.example', 'DE')).toBeUndefined();
    expect(from('anna@shop.example', 'US')).toBe(403);
    expect(from('bert@shop.example', 'DE')).toBe(403);
    expect(from('eve@evil-shop.example', 'DE')).toBe(403);
  });

  test('lets anybody see the paths that are excepted, and nothing below them', () => {
    const overrides = [{ behavior: 'public', path_pattern: '/open/*' }];
    application([policy('allow', [{ everyone: {} }])], [], {
      destinations: [{ type: 'public', uri: 'shop.example', overrides }],
    });
    expect(visit({}, '/open/a?b=1')).toBeUndefined();
    for (const url of ['/', '/open', '/open/a/b']) expect(visit({}, url)?.status).toBe(302);
  });

  test('is decided by the most specific path alone, whoever made its application', () => {
    application([policy('allow', [{ email: { email: 'anna@shop.example' } }])]);
    application([policy('bypass', [{ everyone: {} }])], ['shop.example/open']);
    application([policy('deny', [{ everyone: {} }])], ['*.shop.example/open/not', 'shop.example/open/not']);
    const statusOf = (url: string, host?: string) => visit(signedIn('anna@shop.example'), url, host)?.status;
    expect(visit({}, '/open')).toBeUndefined();
    expect(visit({}, '/open/a')).toBeUndefined();
    expect(visit({}, '/opened')?.status).toBe(302);
    expect(visit({}, '/open', 'www.shop.example')?.status).toBe(302);
    expect([statusOf('/'), statusOf('/open/not')]).toEqual([undefined, 403]);
    expect([statusOf('/open', 'www.shop.example'), statusOf('/open/not', 'www.shop.example')]).toEqual([
      undefined,
      403,
    ]);
  });

  test('is decided by a host name rather than by one with a wildcard, in whatever order they were made', () => {
    const [open, shut] = [policy('bypass', [{ everyone: {} }]), policy('deny', [{ everyone: {} }])];
    application([open], ['*.shop.example']);
    application([shut], ['a.shop.example']);
    expect(visit({}, '/', 'a.shop.example')?.status).toBe(302);
    expect(visit({}, '/', 'b.shop.example')).toBeUndefined();
  });

  test('lets requests that come ahead of others pass where that is set', () => {
    application([policy('allow', [{ everyone: {} }])], undefined, { options_preflight_bypass: true });
    expect(visit({}, '/', undefined, 'OPTIONS')).toBeUndefined();
    expect(visit()?.status).toBe(302);
  });

  test('takes the first policy that is about somebody', () => {
    const allow = policy('allow', [{ everyone: {} }]);
    const deny = policy('deny', [{ email: { email: 'eve@x.example' } }]);
    application([
      { id: allow, precedence: 2 },
      { id: deny, precedence: 1 },
    ]);
    expect(visit(signedIn('eve@x.example'))?.status).toBe(403);
    expect(visit(signedIn('anna@x.example'))).toBeUndefined();
  });

  test('lets a program pass by its token, and by no other', () => {
    const token = access.makeToken('proof');
    const other = access.makeToken('other');
    application([policy('non_identity', [{ service_token: { token_id: token.id } }])]);
    const by = ({ client_id, client_secret }: typeof token) =>
      visit({ 'cf-access-client-id': client_id, 'cf-access-client-secret': client_secret })?.status;
    expect([by(token), by(other), by({ ...token, client_secret: 'x' })]).toEqual([undefined, 302, 302]);
  });

  test('lets a program pass by a token until that ends, and again when it is prolonged', () => {
    const token = access.makeToken('proof');
    application([policy('non_identity', [{ service_token: { token_id: token.id } }])]);
    const { client_id, client_secret } = token;
    const shown = () => visit({ 'cf-access-client-id': client_id, 'cf-access-client-secret': client_secret })?.status;
    token.expires_at = new Date(Date.now() - 1).toISOString();
    expect(shown()).toBe(302);
    access.refreshToken(token.id);
    expect(shown()).toBeUndefined();
    access.removeToken(token.id);
    expect(shown()).toBe(302);
  });

  test('lets everybody pass only where it is bypassed', () => {
    application([policy('bypass', [{ ip: { ip: '192.0.2.0/24' } }])]);
    expect(visit()).toBeUndefined();
    expect(visit({ 'x-simulated-visitor': '198.51.100.1 DE' })?.status).toBe(302);
  });

  test('lets nobody pass without a policy', () => {
    application([]);
    expect([visit()?.status, visit(signedIn('anna@shop.example'))?.status]).toEqual([302, 403]);
  });

  test('takes the application of the longest path', () => {
    application([], ['shop.example']);
    application([policy('bypass', [{ everyone: {} }])], ['shop.example/open']);
    expect([visit({}, '/open/a')?.status, visit({}, '/opened')?.status]).toEqual([undefined, 302]);
  });
});
