import { describe, expect, test } from 'vitest';
import { Refused, toAddress, toRefusal, Unreachable } from './ask.ts';

describe('toAddress', () => {
  test('puts parameters and the given parts of a query in, encoded', () => {
    const address = toAddress('/v1/sites/{key}/logs', { key: 'a/b' }, { search: 'x y', source: undefined, tail: 5 });
    expect(address).toBe('/v1/sites/a%2Fb/logs?search=x+y&tail=5');
  });

  test('has no question mark without a query', () => {
    expect(toAddress('/v1/me', {}, {})).toBe('/v1/me');
  });
});

describe('toRefusal', () => {
  test('tells what the API refused, and how long to wait', async () => {
    const problem = { code: 'site.busy', title: 'Busy', detail: 'too often', status: 429 };
    const refusal = await toRefusal(
      new Response(JSON.stringify(problem), { status: 429, headers: { 'Retry-After': '9' } }),
    );
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ message: 'too often', retryAfterS: 9, problem: { code: 'site.busy' } });
  });

  test("takes what isn't the API's for no answer", async () => {
    expect(await toRefusal(new Response('<h1>Bad gateway</h1>', { status: 502 }))).toBeInstanceOf(Unreachable);
  });
});
