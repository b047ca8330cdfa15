import { ensureLogPartitions } from '@berth/shared/store/log-partitions';
import { leaseReading, writeLines } from '@berth/shared/store/site-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

const reader = { hostId: 'host-a', source: 'container', owner: 'me' } as const;

describe("a site's lines", () => {
  let api: TestApi;
  let key: string;
  let siteId: string;
  let number = 0;

  beforeAll(async () => {
    api = await startTestApi();
    const headers = { 'idempotency-key': 'logs' };
    key = (await api.ask('POST', '/v1/orders', { body: anOrder(), headers })).body.site;
    const { db } = api.context;
    siteId = (await db.pool.query('select id from sites where key = $1', [key])).rows[0].id;
    await ensureLogPartitions(db);
    await leaseReading(db, reader, 60_000);
    await write('starting', 'listening on 3000', 'Error: no such thing');
  });
  afterAll(() => api.close());

  async function write(...lines: string[]): Promise<void> {
    const written = lines.map((line) => {
      number += 1;
      const at = new Date(Date.parse('2026-11-25T12:00:00Z') + number * 1000).toISOString();
      return { siteId, at, source: 'container', stream: line.startsWith('Error') ? 'stderr' : 'stdout', line } as const;
    });
    await writeLines(api.context.db, reader, written, [{ sourceId: 'c', position: String(number) }]);
  }
  const get = async (query = '') => (await api.ask('GET', `/v1/sites/${key}/logs${query}`)).body;
  const textOf = (answer: { data: { line: string }[] }) => answer.data.map(({ line }) => line);

  test('are the last ones, the oldest first', async () => {
    expect(textOf(await get())).toEqual(['starting', 'listening on 3000', 'Error: no such thing']);
    expect(textOf(await get('?tail=1'))).toEqual(['Error: no such thing']);
    expect(await get('?tail=1')).toMatchObject({ data: [{ stream: 'stderr', source: 'container', id: '3' }] });
  });

  test('are searched, and read from a time or a line on', async () => {
    expect(textOf(await get('?search=LISTENING'))).toEqual(['listening on 3000']);
    expect(textOf(await get('?search=%25'))).toEqual([]);
    expect(textOf(await get('?since=2026-11-25T12:00:03Z'))).toEqual(['Error: no such thing']);
    expect(textOf(await get('?after=1&tail=1'))).toEqual(['listening on 3000']);
    expect(textOf(await get('?source=tunnel'))).toEqual([]);
    expect((await api.ask('GET', `/v1/sites/${key}/logs?tail=0`)).status).toBe(422);
    expect((await api.ask('GET', `/v1/sites/${key}/logs?since=yesterday`)).status).toBe(422);
  });

  test('are followed as they come, from where the reader was', async () => {
    const gone = new AbortController();
    const response = await fetch(`${api.url}/v1/sites/${key}/logs?follow=1&tail=1`, {
      headers: { authorization: `Bearer ${api.admin}`, 'last-event-id': '2' },
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await expect.poll(() => text, { timeout: 60_000 }).toContain('no such thing');
    await write('and on it goes');
    await expect.poll(() => text, { timeout: 60_000 }).toMatch(/id: 4\nevent: line\ndata: \{[^\n]*and on it goes/);
    expect(text).not.toContain('listening');
    gone.abort();
    await reading;
  });

  test('are not written by one who does not read any more, and then not half', async () => {
    await api.context.db.pool.query(`update log_readers set owner = 'other'`);
    const { db } = api.context;
    const line = { siteId, at: new Date().toISOString(), source: 'container', stream: 'stdout', line: 'late' } as const;
    expect(await writeLines(db, reader, [line], [{ sourceId: 'c', position: 'late' }])).toBeUndefined();
    expect((await db.pool.query('select position from log_positions')).rows).toEqual([{ position: '4' }]);
    expect(textOf(await get('?search=late'))).toEqual([]);
  });

  test('are followed by what was searched for alone, whichever host the site runs on by then', async () => {
    const on = async (hostId: string, ...lines: string[]) => {
      const by = { ...reader, hostId };
      await leaseReading(api.context.db, by, 60_000);
      const at = new Date().toISOString();
      const written = lines.map((line) => ({ siteId, at, source: 'container', stream: 'stdout', line }) as const);
      expect(await writeLines(api.context.db, by, written, [{ sourceId: hostId, position: '1' }])).toHaveLength(1);
    };
    const gone = new AbortController();
    const response = await fetch(`${api.url}/v1/sites/${key}/logs?follow=1&search=NEEDLE`, {
      headers: { authorization: `Bearer ${api.admin}` },
      signal: gone.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })().catch(() => undefined);
    await on('host-b', 'hay', 'a needle on one host');
    await expect.poll(() => text, { timeout: 60_000 }).toContain('a needle on one host');
    await on('host-c', 'hay again', 'a needle on the next');
    await expect.poll(() => text, { timeout: 60_000 }).toContain('a needle on the next');
    expect(text).not.toContain('hay');
    gone.abort();
    await reading;
    expect(textOf(await get('?search=needle'))).toEqual(['a needle on one host', 'a needle on the next']);
  });
});
