import { requestRestart } from '@berth/shared/store/request-changes';
import { endSessions } from '@berth/shared/store/sessions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInAs, signedInCustomer, type TestBrowser } from '../testing/browser.ts';
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

describe('a stream', () => {
  /** Opens one, and gives what it says until it ends. */
  async function follow(path: string, browser: TestBrowser): Promise<{ ended: Promise<string> }> {
    const headers = { cookie: browser.cookie(), accept: 'text/event-stream' };
    const response = await fetch(api.url + path, { headers });
    expect(response.status).toBe(200);
    return { ended: response.text() };
  }
  const streams = (key: string) => ['/v1/events', `/v1/sites/${key}/events`, `/v1/sites/${key}/logs?follow=1`];

  test('ends for who signs out, and is told nothing of what comes afterwards', { timeout: 120_000 }, async () => {
    const { browser, site: own } = await signedInCustomer(api);
    const open = await Promise.all(streams(own).map((path) => follow(path, browser)));
    expect((await browser.ask('DELETE', '/v1/session')).status).toBe(200);
    for (const { ended } of open) expect(await ended).toContain('retry: 3000');
  });

  test('ends for whose role changes, and for whose sessions are ended', { timeout: 120_000 }, async () => {
    const [admin, viewer, operator] = [
      await signedInAs(api, 'admin'),
      await signedInAs(api, 'viewer'),
      await signedInAs(api, 'operator'),
    ];
    const idOf = async (one: TestBrowser) => (await one.ask('GET', '/v1/me')).body.user.id as string;
    const [viewerId, operatorId] = [await idOf(viewer), await idOf(operator)];
    const open = [
      ...(await Promise.all(streams(site).map((path) => follow(path, viewer)))),
      await follow('/v1/events', operator),
    ];
    expect((await admin.ask('PATCH', `/v1/users/${operatorId}`, { role: 'viewer' })).status).toBe(200);
    await endSessions(api.context.db, viewerId, null);
    for (const { ended } of open) expect(await ended).toContain('retry: 3000');
  });

  test('of a site ends for a customer whose site it is no longer', { timeout: 120_000 }, async () => {
    const { browser, site: own, customer } = await signedInCustomer(api);
    const { ended } = await follow(`/v1/sites/${own}/events`, browser);
    const { pool } = api.context.db;
    await pool.query(`update customers set email = 'other@example.org' where external_id = $1`, [customer]);
    expect(await ended).toContain('retry: 3000');
    expect((await browser.ask('GET', '/v1/me')).status).toBe(200);
  });

  test('ends for an admin who does not look with a customer’s eyes any more', { timeout: 120_000 }, async () => {
    const { site: own, customer } = await signedInCustomer(api);
    const admin = await signedInAs(api, 'admin');
    const before = admin.cookie();
    expect((await admin.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    const looking = await Promise.all(streams(own).map((path) => follow(path, admin)));
    expect((await admin.ask('DELETE', '/v1/impersonation')).status).toBe(200);
    for (const { ended } of looking) expect(await ended).toContain('retry: 3000');
    expect(admin.cookie()).toBe(before);
  });

  test('goes on for who may still read it', { timeout: 120_000 }, async () => {
    const { browser, site: own } = await signedInCustomer(api);
    const leave = new AbortController();
    const headers = { cookie: browser.cookie(), accept: 'text/event-stream' };
    const response = await fetch(`${api.url}/v1/sites/${own}/events`, { headers, signal: leave.signal });
    let text = '';
    // Longer than it takes to look whether they may: the heart beats every 15 s.
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes(': still here')) break;
    }
    leave.abort();
    expect(text).toContain(': still here');
  });
});

describe('too many streams', () => {
  // An answer that nobody refers to any more is closed with the next garbage collection.
  const kept: Response[] = [];
  const open = async (headers: Record<string, string>, path = '/v1/events') => {
    const leave = new AbortController();
    const all = { accept: 'text/event-stream', ...headers };
    const response = await fetch(limited.url + path, { headers: all, signal: leave.signal });
    kept.push(response);
    return { response, leave: () => leave.abort() };
  };
  let limited: TestApi;
  beforeAll(async () => {
    limited = await startTestApi({ API_STREAMS_PER_CALLER: '2' });
  });
  afterAll(() => limited.close());

  test('are refused to one caller, not to others, until one of them is closed', { timeout: 60_000 }, async () => {
    const { browser, site: own } = await signedInCustomer(limited);
    const by = { cookie: browser.cookie() };
    const first = await open(by);
    expect(first.response.status).toBe(200);
    expect((await open(by, `/v1/sites/${own}/events`)).response.status).toBe(200);
    for (const path of ['/v1/events', `/v1/sites/${own}/events`, `/v1/sites/${own}/logs?follow=1`]) {
      const { response } = await open(by, path);
      expect([response.status, response.headers.get('retry-after')]).toEqual([429, '10']);
      expect(await response.json()).toMatchObject({ code: 'stream.too-many', title: 'Too many streams are open' });
    }
    expect((await browser.ask('GET', `/v1/sites/${own}/events`)).status).toBe(200);
    const key = { authorization: `Bearer ${limited.admin}` };
    expect((await open(key)).response.status).toBe(200);
    first.leave();
    await expect.poll(async () => (await open(by)).response.status).toBe(200);
  });

  test('of an admin who looks with a customer’s eyes are the admin’s', { timeout: 60_000 }, async () => {
    const { browser, customer } = await signedInCustomer(limited);
    const admin = await signedInAs(limited, 'admin');
    expect((await admin.ask('POST', '/v1/impersonation', { customer })).status).toBe(200);
    for (const status of [200, 200, 429]) {
      expect((await open({ cookie: admin.cookie() })).response.status).toBe(status);
    }
    expect((await open({ cookie: browser.cookie() })).response.status).toBe(200);
  });
});
