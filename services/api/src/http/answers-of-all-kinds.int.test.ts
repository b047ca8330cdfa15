import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInAs, signedInCustomer } from '../testing/browser.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const PATHS = [
  '/',
  '/nothing.txt',
  '/%E0%A4%A',
  '/livez',
  '/readyz',
  '/docs',
  '/docs/nothing',
  '/admin/queues',
  '/admin/nothing',
  '/v1/me',
  '/v1/nothing',
  '/v1/openapi.json',
  '/assets/nothing.js',
  '/.well-known/nothing',
];

/** What a browser may run of an answer. */
function judge(headers: Headers): { scripts: string[]; framed: string[]; sniffed: boolean } {
  const directives = new Map(
    (headers.get('content-security-policy') ?? '').split(';').map((one) => {
      const [name = '', ...values] = one.trim().split(/\s+/);
      return [name, values] as const;
    }),
  );
  const scripts = directives.get('script-src') ?? directives.get('default-src') ?? ['*'];
  const framed = directives.get('frame-ancestors') ?? ['*'];
  return { scripts, framed, sniffed: headers.get('x-content-type-options') !== 'nosniff' };
}

describe('whatever is answered', () => {
  test.each(PATHS)('at %s runs nothing inline, is in nobody’s frame, and is what it says', async (path) => {
    const browsers = [undefined, await signedInAs(api, 'admin'), (await signedInCustomer(api)).browser];
    for (const browser of browsers) {
      for (const accept of ['text/html', 'application/json']) {
        for (const method of ['GET', 'POST', 'OPTIONS']) {
          const cookie = browser?.cookie();
          const headers = { accept, origin: api.url, ...(cookie && { cookie }) };
          const answer = await api.ask(method, path, { key: null, headers });
          const { scripts, framed, sniffed } = judge(answer.headers);
          const told = `${method} ${path} ${accept}: ${answer.status}`;
          expect(
            scripts.every((one) => ["'self'", "'none'"].includes(one)),
            told,
          ).toBe(true);
          expect(
            framed.every((one) => ["'self'", "'none'"].includes(one)),
            told,
          ).toBe(true);
          expect(sniffed, told).toBe(false);
          expect(answer.headers.get('access-control-allow-origin'), told).toBe(null);
        }
      }
    }
  });
});
