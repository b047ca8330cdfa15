import { Secret } from '@berth/shared/runtime/secret';
import { describe, expect, test } from 'vitest';
import { toPullError } from './pull-errors.ts';

const login = { registry: 'reg.example', username: 'berth', password: new Secret('pass-word') };
const said = (message: string, statusCode = 500) => Object.assign(new Error(message), { statusCode });

describe('toPullError', () => {
  test.each([
    ['Head "https://reg.example/v2/site/manifests/1": no basic auth credentials', 'image.access-denied'],
    ['unauthorized', 'image.access-denied'],
    ['unauthorized: incorrect username or password', 'image.access-denied'],
    ['denied', 'image.access-denied'],
    [
      "pull access denied for x, repository does not exist or may require 'docker login': denied: …",
      'image.access-denied',
    ],
    ['error parsing HTTP 403 response body: invalid character', 'image.access-denied'],
    ['failed to resolve reference: unexpected status from HEAD request: 403 Forbidden', 'image.access-denied'],
    ['manifest unknown', 'image.not-found'],
    ['name unknown', 'image.not-found'],
    ['manifest for reg.example/site:1 not found: manifest unknown: manifest unknown', 'image.not-found'],
    ['toomanyrequests: You have reached your pull rate limit.', 'registry.rate-limited'],
    ['error parsing HTTP 429 response body: invalid character', 'registry.rate-limited'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'registry.unavailable'],
    ['Get "https://reg.example/v2/": dial tcp: lookup reg.example: no such host', 'registry.unavailable'],
    ['Get "https://reg.example/v2/": EOF', 'registry.unavailable'],
    ['Get "https://reg.example/v2/": net/http: TLS handshake timeout', 'registry.unavailable'],
    ['failed to register layer: write /usr/lib/x: no space left on device', 'disk.full'],
    ['Get "https://reg.example/v2/": x509: certificate signed by unknown authority', 'image.refused'],
    ['open /var/lib/docker/tmp/x: permission denied', 'image.refused'],
  ])('reads %j as %s', (message, code) => {
    expect(toPullError('reg.example/site:1', undefined, said(message)).code).toBe(code);
  });

  test('takes a 404 without further words for an image that is not there', () => {
    expect(toPullError('reg.example/site:1', undefined, said('gone', 404)).code).toBe('image.not-found');
  });

  test('does not take a name for the registry’s words', () => {
    const error = said('manifest for reg.example/denied/toomanyrequests:unauthorized not found: manifest unknown');
    expect(toPullError('reg.example/denied/toomanyrequests:unauthorized', undefined, error).code).toBe(
      'image.not-found',
    );
  });

  test('says how a login is given, or that the one stored is wrong', () => {
    const text = (given: typeof login | undefined) => toPullError('reg.example/site:1', given, said('denied')).message;
    expect(text(undefined)).toContain('or wants a login: PUT /v1/registries/reg.example');
    expect(text(login)).toContain('the login stored for it');
  });

  test('waits for minutes when it was asked to slow down', () => {
    expect(toPullError('nginx:1', undefined, said('toomanyrequests: …')).retryAfterMs).toBeGreaterThanOrEqual(300_000);
  });

  test('never repeats a login, not even in its cause', () => {
    const basic = Buffer.from('berth:pass-word').toString('base64');
    const error = toPullError('reg.example/site:1', login, said(`denied: "Basic ${basic}" with pass-word is wrong`));
    const all = `${error.message} ${error.stack} ${error.cause} ${(error.cause as Error).stack}`;
    expect(all).not.toContain('pass-word');
    expect(all).not.toContain(basic);
    expect((error.cause as Error).message).toContain('[redacted]');
  });
});
