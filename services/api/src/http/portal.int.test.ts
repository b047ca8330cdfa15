import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInCustomer } from '../testing/browser.ts';
import { startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-portal-'));
  const page = '<html><head><meta property="csp-nonce" nonce="__CSP_NONCE__"></head><body></body></html>';
  writeFileSync(path.join(dir, 'index.html'), page);
  api = await startTestApi({ PORTAL_DIR: dir, PUBLIC_URL: 'https://portal.example.org' });
});
afterAll(async () => {
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

const page = (at: string) => api.ask('GET', at, { key: null, headers: { accept: 'text/html' } });
const directivesOf = (headers: Headers) =>
  new Map(
    (headers.get('content-security-policy') ?? '').split(';').map((one) => {
      const [name = '', ...values] = one.trim().split(/\s+/);
      return [name, values] as const;
    }),
  );

describe('a page of the portal', () => {
  test.each(['/', '/sign-in', '/my/erika/domain', '/ops/sites'])(
    'at %s runs no inline script and none of others',
    async (at) => {
      const { status, headers } = await page(at);
      expect(status).toBe(200);
      const directives = directivesOf(headers);
      expect(directives.get('script-src')).toEqual(["'self'"]);
      expect(directives.get('default-src')).toEqual(["'self'"]);
      for (const name of ['object-src', 'base-uri', 'frame-ancestors'])
        expect(directives.get(name)).toEqual(["'none'"]);
      const open = [...directives].filter(([, values]) => values.some((value) => /unsafe|\*|^https?:/.test(value)));
      expect(open.map(([name]) => name)).toEqual(['style-src-attr']);
    },
  );

  test('has a nonce of its own for its styles, each time another', async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const { headers, text } = await page('/');
        const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? '';
        expect(directivesOf(headers).get('style-src')).toEqual(["'self'", `'nonce-${nonce}'`]);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
    expect(nonces.every((nonce) => nonce.length > 20)).toBe(true);
  });
});

describe('behind https', () => {
  test('a session is sent over nothing else', async () => {
    const { browser } = await signedInCustomer(api);
    expect(browser.cookie()).toMatch(/^__Secure-berth\.session_token=/);
    expect((await browser.ask('GET', '/v1/me')).status).toBe(200);
  });
});
