import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCompressed, sendCompressed } from './compressed.ts';

const CODE = 'console.log("the portal")\n'.repeat(50);
const dir = mkdtempSync(path.join(tmpdir(), 'berth-compressed-'));
const app = express().use('/assets', makeCompressed(dir), express.static(dir));
app.get('/page', (request, response) => sendCompressed(request, response.type('html'), CODE));
const server = createServer(app);

beforeAll(async () => {
  writeFileSync(path.join(dir, 'page.js'), CODE);
  writeFileSync(path.join(dir, 'page.js.gz'), gzipSync(CODE));
  writeFileSync(path.join(dir, 'both.js'), CODE);
  writeFileSync(path.join(dir, 'both.js.gz'), gzipSync(CODE));
  writeFileSync(path.join(dir, 'both.js.br'), brotliCompressSync(CODE));
  writeFileSync(path.join(dir, 'plain.css'), 'a{}');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  rmSync(dir, { recursive: true });
});

async function get(at: string, encodings: string) {
  const { port } = server.address() as AddressInfo;
  const call = ask({ port, path: at, headers: { 'accept-encoding': encodings } }).end();
  const [response] = await once(call, 'response');
  let bytes = 0;
  for await (const piece of response) bytes += piece.length;
  return { status: response.statusCode, headers: response.headers, bytes };
}

describe('makeCompressed', () => {
  test('gives what is compressed under its own type to who takes it', async () => {
    const { status, headers, bytes } = await get('/assets/page.js', 'br, gzip');
    expect(status).toBe(200);
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['content-type']).toContain('javascript');
    expect(headers.vary).toContain('Accept-Encoding');
    expect(bytes).toBeLessThan(CODE.length);
  });

  test('gives the better of two to who takes both', async () => {
    const encodingOf = async (taken: string) => (await get('/assets/both.js', taken)).headers['content-encoding'];
    expect([await encodingOf('gzip, deflate, br'), await encodingOf('gzip'), await encodingOf('br')]).toEqual([
      'br',
      'gzip',
      'br',
    ]);
  });

  test('gives it as it is to who does not take it, and what is not compressed', async () => {
    expect((await get('/assets/page.js', 'identity')).bytes).toBe(CODE.length);
    const plain = await get('/assets/plain.css', 'gzip');
    expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined]);
  });

  test('leads nowhere else', async () => {
    expect((await get('/assets/..%2fpage.js', 'gzip')).headers['content-encoding']).toBeUndefined();
  });
});

describe('sendCompressed', () => {
  test.each([
    ['br, gzip', 'br'],
    ['gzip, deflate', 'gzip'],
    ['gzip;q=0.5, br;q=0', 'gzip'],
    ['identity', undefined],
  ])('answers who takes %s with %s', async (taken, encoding) => {
    const { headers, bytes } = await get('/page', taken);
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['content-type']).toContain('text/html');
    expect(headers.vary).toContain('Accept-Encoding');
    expect(bytes < CODE.length).toBe(encoding !== undefined);
  });
});
