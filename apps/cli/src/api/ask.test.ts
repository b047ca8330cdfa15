import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { makeAsk } from './ask.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** An API that answers so, one after another; the last one for ever. */
async function serve(...answers: ((response: ServerResponse) => unknown)[]) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    (answers.length > 1 ? answers.shift() : answers[0])?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, ask: makeAsk({ url, key: 'k' }, new AbortController().signal) };
}
const says =
  (status: number, body: unknown, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
const hangsUp = (response: ServerResponse) => response.destroy();

describe('ask', () => {
  test('sends the key, and reads the answer', async () => {
    const { ask, asked } = await serve(says(200, { a: 1 }));
    expect(await ask({ doing: 'asking', path: '/v1/x' })).toEqual({ a: 1 });
    expect(asked[0]?.headers.authorization).toBe('Bearer k');
  });

  test('asks again when no answer came, but not for what would happen twice', async () => {
    const { ask, asked } = await serve(hangsUp, says(200, 'well'));
    expect(await ask({ doing: 'asking', path: '/v1/x' })).toBe('well');
    const post = await serve(hangsUp, says(200, 'never'));
    const failed = post.ask({ doing: 'restarting', method: 'POST', path: '/v1/x' });
    await expect(failed).rejects.toMatchObject({
      ending: 'passing',
      parts: { why: [expect.anything(), expect.stringContaining('not known')] },
    });
    expect([asked.length, post.asked.length]).toEqual([2, 1]);
  });

  test('asks again while something leaves, for who waits', async () => {
    const leaving = says(
      409,
      { code: 'site.leaving', title: 'leaving', detail: 'the former one leaves' },
      { 'retry-after': '0' },
    );
    const { ask } = await serve(leaving, leaving, says(202, 'taken'));
    const told: string[] = [];
    const patient = { patienceMs: 60_000, onPatience: (why: string) => told.push(why) };
    expect(await ask({ doing: 'asking', method: 'PUT', path: '/v1/x', ...patient })).toBe('taken');
    expect(told).toEqual(['the former one leaves']);
    const hasty = await serve(leaving);
    await expect(hasty.ask({ doing: 'asking', method: 'PUT', path: '/v1/x' })).rejects.toMatchObject({
      ending: 'conflict',
    });
  });

  test('takes an answer that is none of the API for a failure', async () => {
    const { ask } = await serve((response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>'),
    );
    await expect(ask({ doing: 'asking', path: '/v1/x' })).rejects.toMatchObject({ ending: 'notFound' });
  });
});
