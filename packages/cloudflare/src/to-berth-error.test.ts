import { isBerthError } from '@berth/shared/errors/berth-error';
import type { ErrorCode } from '@berth/shared/errors/catalogue';
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from 'cloudflare';
import { describe, expect, test } from 'vitest';
import { isRefusal, refusalOf, toBerthError } from './to-berth-error.ts';

const LIE = 'Authentication error, rate limit reached, zone already exists, HTTP 500';

function answered(status: number, codes: number[], headers: Record<string, string> = {}): APIError {
  const errors = codes.map((code) => ({ code, message: LIE }));
  return APIError.generate(status, { success: false, errors, result: null }, undefined, new Headers(headers));
}

describe('toBerthError', () => {
  test.each<[status: number, codes: number[], code: ErrorCode]>([
    [400, [1061], 'cloudflare.refused'],
    [400, [], 'cloudflare.refused'],
    [401, [10_000], 'cloudflare.unauthorized'],
    [401, [], 'cloudflare.unauthorized'],
    [403, [10_000], 'cloudflare.unauthorized'],
    [403, [9109], 'cloudflare.unauthorized'],
    [403, [0], 'cloudflare.refused'],
    [404, [1003], 'cloudflare.refused'],
    [409, [1013], 'cloudflare.refused'],
    [429, [971], 'cloudflare.rate-limited'],
    [429, [], 'cloudflare.rate-limited'],
    [500, [10_001], 'cloudflare.unavailable'],
    [503, [], 'cloudflare.unavailable'],
    [525, [], 'cloudflare.unavailable'],
  ])('goes by status and code, whatever the text says: %i %j is %s', (status, codes, code) => {
    const error = toBerthError(answered(status, codes), 'creating zone shop.example');
    expect(error.code).toBe(code);
    expect(error.message).toBe(
      `creating zone shop.example: HTTP ${status}${codes.map((one) => `, code ${one}`).join('')}`,
    );
    expect(refusalOf(error)).toEqual({ status, codes });
  });

  test.each([
    ['no connection', new APIConnectionError({ cause: new TypeError('fetch failed') })],
    ['a timeout', new APIConnectionTimeoutError()],
    ['an abort', new APIUserAbortError()],
    ['an answer that is no JSON', new SyntaxError('Unexpected token <')],
    ['anything else', 'nonsense'],
  ])('takes %s for no answer', (_, thrown) => {
    const error = toBerthError(thrown, 'listing zones');
    expect(error).toMatchObject({ code: 'cloudflare.unavailable', cause: thrown });
    expect(refusalOf(error)?.status).toBeUndefined();
  });

  test('finds a refusal within what the SDK takes for a lost connection', () => {
    const error = toBerthError(new APIConnectionError({ cause: answered(200, [1000]) }), 'listing zones');
    expect(error.code).toBe('cloudflare.refused');
    expect(isRefusal(error, 1000)).toBe(true);
    expect(isRefusal(error, 1001)).toBe(false);
  });

  test.each([
    ['seconds', { 'retry-after': '90' }, 90_000],
    ['a date', { 'retry-after': 'Wed, 25 Nov 2026 10:02:00 GMT', date: 'Wed, 25 Nov 2026 10:00:00 GMT' }, 120_000],
    ['a date of an answer without one', { 'retry-after': 'Wed, 25 Nov 2026 10:02:00 GMT' }, 30_000],
    ['nothing', {}, 30_000],
    ['zero', { 'retry-after': '0' }, 30_000],
    ['nonsense', { 'retry-after': 'soon' }, 30_000],
  ])('reads Retry-After given as %s', (_, headers, ms) => {
    expect(toBerthError(answered(429, [971], headers), 'listing zones').retryAfterMs).toBe(ms);
  });

  test('leaves what is a BerthError already as it is', () => {
    const error = toBerthError(answered(404, []), 'reading zone 1');
    expect(toBerthError(error, 'something else')).toBe(error);
    expect(isBerthError(error)).toBe(true);
  });
});
