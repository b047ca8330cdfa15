import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInAs, signedInCustomer } from '../testing/browser.ts';
import { anOrder, startTestApi, type TestApi } from '../testing/test-api.ts';

let api: TestApi;
/** keys of sites, each in the state that it is named by */
const keys: Record<string, string> = {};
const STATES = ['queued', 'working', 'waiting', 'online', 'degraded', 'leaving', 'gone'];

const query = (text: string, values: unknown[] = []) => api.context.db.pool.query(text, values);
const order = async (more: Record<string, unknown>, key: string) =>
  (await api.ask('POST', '/v1/orders', { body: anOrder(more), headers: { 'idempotency-key': key } })).body;

beforeAll(async () => {
  api = await startTestApi();
  for (const state of STATES) {
    const customer = { id: `c_${state}`, name: `Käthe ${state}`, email: `${state}@example.org` };
    const { site } = await order({ orderId: `no.${state}`, customer, domain: `${state}-shop.de` }, state);
    keys[state] = site;
    const set = (what: string) =>
      query(`update site_conditions set ${what} where site_id in (select id from sites where key = $1)`, [site]);
    if (state !== 'queued') await set(`observed_at = now(), status = 'false', reason = 'Creating'`);
    if (state === 'waiting') await set(`reason = 'NameserversNotChanged'`);
    if (state === 'online') await set(`status = 'true', reason = 'Fine'`);
    if (state === 'online' || state === 'degraded')
      await query('update sites set live_at = now() where key = $1', [site]);
    if (state === 'leaving') await query(`update sites set wanted = 'deleted' where key = $1`, [site]);
    if (state === 'gone') await query(`update sites set wanted = 'deleted', gone_at = now() where key = $1`, [site]);
  }
});
afterAll(() => api.close());

const found = async (path: string) => {
  const { status, body } = await api.ask('GET', path);
  expect(status).toBe(200);
  return (body.data as { key?: string; site?: string }[]).map((one) => one.key ?? one.site);
};

describe('GET /v1/sites', () => {
  test.each(STATES)('finds by the state %s those of which it says so', async (state) => {
    expect(await found(`/v1/sites?state=${state}`)).toEqual([keys[state]]);
    const { body } = await api.ask('GET', `/v1/sites?gone=true&limit=200`);
    expect(body.data.find((one: { key: string }) => one.key === keys[state]).state).toBe(state);
  });

  test.each([
    ['a part of the domain', 'ONLINE-sh', ['online']],
    ['the key', 'c_waiting', ['waiting']],
    ["the customer's name", 'käthe degraded', ['degraded']],
    ["the customer's address", 'queued@example', ['queued']],
    ['the order', 'no.working', ['working']],
    ['several words, each anywhere', 'example.org no.online', ['online']],
    ['a sign that stands for itself', 'no_online', []],
    ['nothing', '%', []],
  ])('finds by %s', async (_what, q, states) => {
    expect(await found(`/v1/sites?q=${encodeURIComponent(q)}`)).toEqual(states.map((state) => keys[state]));
  });

  test('goes on behind its cursor, with what was looked for', async () => {
    const first = await api.ask('GET', '/v1/sites?q=shop.de&limit=4');
    const rest = await api.ask('GET', `/v1/sites?q=shop.de&limit=4&cursor=${first.body.nextCursor}`);
    const all = [...first.body.data, ...rest.body.data].map((one) => one.key);
    expect(all).toEqual(['leaving', 'degraded', 'online', 'waiting', 'working', 'queued'].map((state) => keys[state]));
    expect(rest.body.nextCursor).toBe(null);
    expect(first.headers.get('link')).toContain('q=shop.de');
  });

  test('calls none online that is down because of its host, here or where they are counted', async () => {
    const states = async () => {
      const { state } = (await api.ask('GET', `/v1/sites/${keys.online}`)).body;
      const { sites } = (await api.ask('GET', '/v1/overview')).body;
      return [state, await found('/v1/sites?state=online'), sites.online ?? 0, sites.degraded];
    };
    expect(await states()).toEqual(['online', [keys.online], 1, 1]);
    await query(`insert into hosts (id) values ('dead'), ('other')`);
    await query(
      `insert into placements (site_id, host_id, slot, port) select id, 'dead', 1, 3100 from sites where key = $1`,
      [keys.online],
    );
    await query(`with i as (insert into incidents (kind, host_id, reason) values ('host-down', 'dead', 'HostSilent') returning id)
      insert into host_outages (site_id, incident_id) select s.id, i.id from sites s, i where s.key = '${keys.online}'`);
    expect((await found('/v1/sites?state=degraded')).sort()).toEqual([keys.degraded, keys.online].sort());
    expect(await states()).toEqual(['degraded', [], 0, 2]);
    await query(`update placements set host_id = 'other' where host_id = 'dead'`);
    expect(await states()).toEqual(['online', [keys.online], 1, 1]);
    await query(`update placements set host_id = 'dead' where host_id = 'other'`);
    await query('delete from host_outages');
    expect(await states()).toEqual(['online', [keys.online], 1, 1]);
    await query(`delete from placements where host_id = 'dead'`);
    await query(`delete from incidents where host_id = 'dead'`);
    await query(`delete from hosts where id in ('dead', 'other')`);
  });

  test('refuses a state that is none', async () => {
    expect((await api.ask('GET', '/v1/sites?state=fine')).status).toBe(422);
  });
});

describe('GET /v1/orders', () => {
  test('lists what was ordered, also what is gone, and no site that an operator made', async () => {
    await query(`insert into customers (external_id, name, email) values ('by-hand', 'By hand', '')`);
    const wish = { image: 'registry.example.org/site:1', licenseKey: 'x', create: true };
    expect((await api.ask('POST', '/v1/sites/by-hand/deploys', { body: wish })).status).toBe(202);
    expect(await found('/v1/sites?q=by-hand')).toEqual(['by-hand']);
    const { body } = await api.ask('GET', '/v1/orders?limit=200');
    expect(body.data.map((one: { orderId: string }) => one.orderId)).toEqual(
      STATES.toReversed().map((state) => `no.${state}`),
    );
    expect(body.data[0]).toMatchObject({
      state: 'gone',
      site: keys.gone,
      customer: { id: 'c_gone', name: 'Käthe gone' },
    });
    expect(await found('/v1/orders?q=by-hand')).toEqual([]);
    expect(await found('/v1/orders?state=waiting&q=no.waiting')).toEqual([keys.waiting]);
  });
});

describe('POST /v1/sites/:key/conditions/:aspect/retries', () => {
  test('makes the aspect due at once, says so in the timeline, and nothing else', async () => {
    const row = async () =>
      (
        await query(
          `select c.wakes::int, c.due_at <= now() as due, s.generation from site_conditions c join sites s on s.id = c.site_id
        where s.key = $1 and c.aspect = 'zone'`,
          [keys.waiting],
        )
      ).rows[0];
    await query(`update site_conditions set due_at = now() + interval '1 hour'`);
    const before = await row();
    const answer = await api.ask('POST', `/v1/sites/${keys.waiting}/conditions/zone/retries`, { body: {} });
    expect({ status: answer.status, data: answer.body.data }).toMatchObject({
      status: 202,
      data: [{ aspect: 'zone', reason: 'NameserversNotChanged' }],
    });
    expect(await row()).toEqual({ wakes: before.wakes + 1, due: true, generation: before.generation });
    const { body } = await api.ask('GET', `/v1/sites/${keys.waiting}/events`);
    expect(body.data.at(-1)).toMatchObject({ type: 'retry.requested', aspect: 'zone' });
  });

  test('knows no aspect that the site does not have, and no site that is not there', async () => {
    const retry = (site: string | undefined, aspect: string) =>
      api.ask('POST', `/v1/sites/${site}/conditions/${aspect}/retries`, { body: {} });
    expect((await retry(keys.online, 'weather')).body.code).toBe('condition.not-found');
    expect((await retry('nobody', 'zone')).body.code).toBe('site.not-found');
    expect((await retry(keys.gone, 'zone')).body.code).toBe('site.not-found');
  });

  test('is done ten times in a minute for a site, and then refused with how long to wait', async () => {
    const retry = () => api.ask('POST', `/v1/sites/${keys.working}/conditions/zone/retries`, { body: {} });
    for (let n = 0; n < 10; n += 1) expect((await retry()).status).toBe(202);
    const refused = await retry();
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 429, code: 'retry.too-often' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an operation that is queued', () => {
  const stepOf = async (url: string) =>
    (await api.ask('GET', url)).body.steps.find((step: { aspect: string }) => step.aspect === 'zone');
  const due = (site: string | undefined, at: string) =>
    query(
      `update site_conditions set due_at = ${at}, lease_owner = null, lease_until = null
      where queue = 'domain' and aspect = 'zone' and site_id in (select id from sites where key = $1)`,
      [site],
    );

  test('says its place among those before it, and why it is not its turn', async () => {
    await query(`update site_conditions set due_at = null, lease_until = null`);
    await due(keys.queued, `now() - interval '20 s'`);
    await due(keys.working, `now() - interval '19 s'`);
    await due(keys.degraded, `now() - interval '18 s'`);
    const url = (await api.ask('GET', '/v1/orders/no.queued')).body.operation.url;
    const third = (await api.ask('GET', '/v1/orders/no.working')).body.operation.url;
    expect((await stepOf(url)).queue).toMatchObject({ name: 'domain', ahead: 0, cause: 'nobody-works' });
    await query(
      `update site_conditions set lease_owner = 'x', lease_until = now() + interval '1 minute'
      where aspect = 'zone' and site_id in (select id from sites where key = $1)`,
      [keys.queued],
    );
    expect((await stepOf(url)).queue).toMatchObject({ ahead: 0, cause: 'in-work' });
    expect((await stepOf(third)).queue).toMatchObject({ ahead: 1, cause: 'others-first' });
    await due(keys.queued, 'null');
    await due(keys.working, 'now()');
    await due(keys.degraded, 'null');
    expect((await stepOf(third)).queue).toMatchObject({ ahead: 0, cause: 'next' });
    expect((await stepOf(url)).queue).toBe(null);
  });
});

describe('GET /v1/events', () => {
  interface Told {
    id: string;
    site: string;
    type: string;
    message: string;
  }
  const headersOf = (more: Record<string, string> = {}) => ({ accept: 'text/event-stream', ...more });

  /** Follows the stream; `until` resolves with what came once there are so many. */
  async function follow(headers: Record<string, string>) {
    const leave = new AbortController();
    const response = await fetch(`${api.url}/v1/events`, { headers: headersOf(headers), signal: leave.signal });
    expect(response.status).toBe(200);
    const told: Told[] = [];
    let rest = '';
    const reading = (async () => {
      for await (const chunk of response.body ?? []) {
        rest += Buffer.from(chunk).toString();
        const pieces = rest.split('\n\n');
        rest = pieces.pop() ?? '';
        for (const piece of pieces) {
          const data = /^data: (.*)$/m.exec(piece)?.[1];
          if (data) told.push(JSON.parse(data));
        }
      }
    })().catch(() => undefined);
    return {
      told,
      until: (count: number) => expect.poll(() => told.length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count),
      async leave() {
        leave.abort();
        await reading;
      },
    };
  }
  const asAdmin = () => ({ authorization: `Bearer ${api.admin}` });
  const restart = (site: string | undefined) =>
    api.ask('POST', `/v1/sites/${site}/restarts`, { body: { target: 'container' } });

  test('tells of all sites what happens from now on, and goes on after Last-Event-ID without a gap', async () => {
    const stream = await follow(asAdmin());
    await restart(keys.online);
    await restart(keys.degraded);
    await stream.until(2);
    await stream.leave();
    expect(stream.told.map(({ site, type }) => [site, type])).toEqual([
      [keys.online, 'restart.requested'],
      [keys.degraded, 'restart.requested'],
    ]);
    await restart(keys.waiting);
    const again = await follow({ ...asAdmin(), 'last-event-id': stream.told[0]?.id ?? '' });
    await again.until(2);
    await again.leave();
    expect(again.told.map(({ site }) => site)).toEqual([keys.degraded, keys.waiting]);
  });

  test('misses nothing of a transaction that was begun earlier and ends later', async () => {
    const late = await api.context.db.pool.connect();
    const stream = await follow(asAdmin());
    await late.query('begin');
    await late.query(
      `with counted as (update sites set event_seq = event_seq + 1 where key = $1 returning id, event_seq)
      insert into site_events (site_id, seq, type, message) select id, event_seq, 'test.late', '' from counted`,
      [keys.online],
    );
    await restart(keys.degraded);
    await late.query('commit');
    late.release();
    await stream.until(2);
    await stream.leave();
    expect(stream.told.map(({ site, type }) => [site, type])).toEqual([
      [keys.online, 'test.late'],
      [keys.degraded, 'restart.requested'],
    ]);
  });

  test('tells nothing that had happened, also while an older transaction is under way', async () => {
    const late = await api.context.db.pool.connect();
    await late.query('begin');
    await late.query('select pg_current_xact_id()');
    await restart(keys.online);
    const stream = await follow(asAdmin());
    await restart(keys.degraded);
    await late.query('commit');
    late.release();
    await stream.until(1);
    await stream.leave();
    expect(stream.told.map(({ site }) => site)).toEqual([keys.degraded]);
  });

  test('lists for who polls, page by page, each event once', async () => {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.ask('GET', `/v1/events?limit=3${cursor && `&cursor=${cursor}`}`);
      ids.push(...body.data.map((one: Told) => one.id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    const { rows } = await query('select count(*)::int from site_events');
    expect(new Set(ids).size).toBe(rows[0].count);
    expect(ids.length).toBe(rows[0].count);
    expect((await api.ask('GET', `/v1/events?cursor=${ids.at(-1)}`)).body.data).toEqual([]);
  });

  test('tells customers of their own sites alone, without what is internal', async () => {
    const [mine, theirs] = [await signedInCustomer(api), await signedInCustomer(api)];
    const stream = await follow({ cookie: mine.browser.cookie() });
    await restart(theirs.site);
    await restart(mine.site);
    await stream.until(1);
    await stream.leave();
    expect(stream.told.map(({ site }) => site)).toEqual([mine.site]);
    const { body } = await mine.browser.ask('GET', '/v1/events');
    expect(new Set(body.data.map((one: Told) => one.site))).toEqual(new Set([mine.site]));
    const viewer = await signedInAs(api, 'viewer');
    expect((await viewer.ask('GET', '/v1/events')).status).toBe(200);
  });

  test('takes a place that this server has not reached yet for now', async () => {
    const ahead = Buffer.from('9000000000000000.00000000-0000-0000-0000-000000000000.0').toString('base64url');
    const stream = await follow({ ...asAdmin(), 'last-event-id': ahead });
    await restart(keys.online);
    await stream.until(1);
    await stream.leave();
    expect(stream.told.map(({ site }) => site)).toEqual([keys.online]);
  });

  test('refuses a place that is none', async () => {
    for (const headers of [headersOf({ 'last-event-id': 'x' }), {}]) {
      expect((await api.ask('GET', '/v1/events?cursor=eDE', { headers })).status).toBe(422);
    }
  });
});
