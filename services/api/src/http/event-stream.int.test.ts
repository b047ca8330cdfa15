import { requestRestart } from '@berth/shared/store/request-changes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
let site: string;

beforeAll(async () => {
  api = await startTestApi();
  const { body } = await api.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'one' } });
  site = body.site;
});
afterAll(() => api.close());

const restart = async () => {
  const { rows } = await api.context.db.pool.query('select id from api_keys limit 1');
  const by = { apiKeyId: rows[0].id, causeId: 'test', operationId: api.context.chance.newId() };
  await requestRestart(api.context.db, site, 'container', by);
};

/** Reads events until there are `count`, and leaves. */
async function read(count: number, headers: Record<string, string> = {}): Promise<{ id: number; type: string }[]> {
  const leave = new AbortController();
  const response = await fetch(`${api.url}/v1/sites/${site}/events`, {
    headers: { authorization: `Bearer ${api.admin}`, accept: 'text/event-stream', ...headers },
    signal: leave.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = [...text.matchAll(/^id: (\d+)\nevent: (\S+)\ndata: (.*)$/gm)];
      if (events.length >= count) return events.map(([, id, type = '']) => ({ id: Number(id), type }));
    }
  } finally {
    leave.abort();
  }
  throw new Error(`ended with: ${text}`);
}

describe('GET /v1/sites/:key/events as a stream', () => {
  test('tells what happened, and then what happens', async () => {
    const reading = read(2);
    await restart();
    expect(await reading).toEqual([
      { id: 1, type: 'order.accepted' },
      { id: 2, type: 'restart.requested' },
    ]);
  });

  test('goes on after Last-Event-ID without a gap', async () => {
    const reading = read(2, { 'last-event-id': '1' });
    await restart();
    expect((await reading).map(({ id }) => id)).toEqual([2, 3]);
  });

  test('refuses a Last-Event-ID that is none', async () => {
    const answer = await api.ask('GET', `/v1/sites/${site}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': 'x' },
    });
    expect(answer.status).toBe(422);
  });

  test('ends when the process stops, instead of holding it up', async () => {
    const other = await startTestApi();
    const { body } = await other.ask('POST', '/v1/orders', { body: anOrder(), headers: { 'idempotency-key': 'one' } });
    const response = await fetch(`${other.url}/v1/sites/${body.site}/events`, {
      headers: { authorization: `Bearer ${other.admin}`, accept: 'text/event-stream' },
    });
    const ended = response.text();
    await other.close();
    expect(await ended).toContain('order.accepted');
  });
});

describe('GET /v1/operations/:id?wait', () => {
  test('answers as soon as the operation is done', async () => {
    const { body: order } = await api.ask('GET', '/v1/orders/order-1');
    const waiting = api.ask('GET', `${order.operation.url}?wait=20`);
    await api.context.db.pool.query('update sites set live_at = now()');
    expect((await waiting).body).toMatchObject({ done: true, status: 'succeeded' });
  });
});
