import { inspect } from 'node:util';
import type { BerthError } from '@berth/shared/errors/berth-error';
import { systemClock } from '@berth/shared/runtime/clock';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { Secret } from '@berth/shared/runtime/secret';
import { openCloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import type { Misbehaviour } from '@berth/simulators/cloudflare/misbehaviour';
import { type CloudflareSimulator, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCallBudget } from './call-budget.ts';
import { type Cloudflare, makeCloudflare } from './make-cloudflare.ts';
import { refusalOf } from './to-berth-error.ts';

describe('the client of Cloudflare', () => {
  let simulator: CloudflareSimulator;
  let db: Database;
  let drop: () => Promise<void>;
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    const made = await makeTestDatabase();
    drop = made.drop;
    db = openDatabase({ url: made.url });
    simulator = await startCloudflare({ profile: 'enterprise' });
  });
  beforeEach(async () => {
    await db.pool.query('delete from cloudflare_accounts');
    await simulator.control.behave();
    await simulator.control.clearCalls();
    cloudflare = await client();
  });
  afterEach(() => {
    for (const name of ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_EMAIL', 'CLOUDFLARE_BASE_URL']) delete process.env[name];
  });
  afterAll(async () => {
    await Promise.all([simulator.stop(), db.close()]);
    await drop();
  });

  async function client({
    token = simulator.apiToken,
    deadlineMs = 60_000,
    budget = 1_000_000,
  } = {}): Promise<Cloudflare> {
    const { accountId, apiUrl } = simulator;
    const account = await openCloudflareAccount(db, accountId);
    return makeCloudflare({
      apiToken: new Secret(token),
      accountId,
      baseUrl: apiUrl,
      clock: systemClock,
      metrics: makeMetrics(),
      budget: makeCallBudget(account, systemClock, budget),
      deadlineMs,
    });
  }
  let names = 0;
  const create = (from = cloudflare, signal = new AbortController().signal) => {
    names += 1;
    const name = `zone-${names}.example`;
    return from.call({ doing: `creating zone ${name}`, signal }, (sdk, options) =>
      sdk.zones.create({ account: { id: from.accountId }, name, type: 'full' }, options),
    );
  };
  const list = (from = cloudflare, signal = new AbortController().signal) =>
    from.call({ doing: 'listing zones', signal }, (sdk, options) => sdk.zones.list({}, options));
  const failure = (work: PromiseLike<unknown>): Promise<BerthError> =>
    Promise.resolve(work).then(
      () => expect.unreachable('the call should have failed'),
      (error: BerthError) => error,
    );
  const impatient = () => client({ deadlineMs: 1500 });
  const callCount = async () => (await simulator.control.calls()).length;

  const kinds: [Misbehaviour['kind'], string][] = [
    ['5xx', 'cloudflare.unavailable'],
    ['html-5xx', 'cloudflare.unavailable'],
    ['cut', 'cloudflare.unavailable'],
    ['lost-answer', 'cloudflare.unavailable'],
    ['hang', 'cloudflare.unavailable'],
    ['stalled-body', 'cloudflare.unavailable'],
    ['429', 'cloudflare.rate-limited'],
    ['refusal', 'cloudflare.refused'],
  ];

  test.each(kinds)('sends a create once when the answer is %s, and says %s', async (kind, code) => {
    await simulator.control.misbehave({ kind });
    const from = kind === 'hang' || kind === 'stalled-body' ? await impatient() : cloudflare;
    expect((await failure(create(from))).code).toBe(code);
    expect(await callCount()).toBe(1);
  });

  test('sends a create once when it is refused as a conflict', async () => {
    await simulator.control.misbehave({ kind: 'refusal', status: 409, code: 1013 });
    expect(refusalOf(await failure(create()))).toEqual({ status: 409, codes: [1013] });
    expect(await callCount()).toBe(1);
  });

  test.each(['hang', 'stalled-body'] as const)('ends a call by its deadline when there is %s', async (kind) => {
    await simulator.control.misbehave({ kind, times: 2 });
    const from = await impatient();
    expect((await failure(list(from))).code).toBe('cloudflare.unavailable');
    expect((await failure(create(from))).code).toBe('cloudflare.unavailable');
    expect(await callCount()).toBe(2);
  });

  test('takes success: false for a failure although the status is 200, of a list as of a single thing', async () => {
    await simulator.control.misbehave({ kind: 'refusal', status: 200, code: 1234, times: 2 });
    for (const error of [await failure(list()), await failure(create())]) {
      expect(error.code).toBe('cloudflare.refused');
      expect(refusalOf(error)).toEqual({ status: 200, codes: [1234] });
    }
  });

  test('takes a page of HTML for a failure although the status is 200, instead of an empty list', async () => {
    await simulator.control.misbehave({ kind: 'html-5xx', status: 200 });
    expect((await failure(list())).code).toBe('cloudflare.unavailable');
  });

  test('makes no call for a signal that is aborted', async () => {
    const error = await failure(list(cloudflare, AbortSignal.abort()));
    expect(error).toMatchObject({ code: 'cloudflare.unavailable', message: 'listing zones: given up' });
    expect(await callCount()).toBe(0);
  });

  test('gives up a call under way when its signal is aborted', async () => {
    await simulator.control.misbehave({ kind: 'hang' });
    const stop = new AbortController();
    const call = failure(list(cloudflare, stop.signal));
    await expect.poll(callCount).toBe(1);
    stop.abort();
    expect((await call).message).toBe('listing zones: given up');
  });

  test('gives up waiting for its turn when its signal is aborted', async () => {
    const account = await openCloudflareAccount(db, simulator.accountId);
    await account.block(3000);
    const stop = new AbortController();
    const call = failure(list(cloudflare, stop.signal));
    stop.abort();
    expect((await call).message).toBe('listing zones: given up');
    expect(await callCount()).toBe(0);
  });

  test('sends its own token and nothing of the environment', async () => {
    process.env.CLOUDFLARE_API_KEY = 'somebody-else';
    process.env.CLOUDFLARE_EMAIL = 'somebody@else.example';
    process.env.CLOUDFLARE_BASE_URL = 'http://127.0.0.1:9/nowhere';
    await list(await client());
    expect(await callCount()).toBe(1);
  });

  test('says nothing of its token in any failure', async () => {
    const errors = [await failure(list(await client({ token: 'wrong-token-0123456789' })))];
    for (const [kind] of kinds) {
      await db.pool.query('update cloudflare_accounts set blocked_until = null');
      await simulator.control.misbehave({ kind });
      errors.push(await failure(create(await impatient())));
    }
    for (const error of errors) {
      const all = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack;
      expect(all).not.toContain(simulator.apiToken);
      expect(all).not.toContain('wrong-token');
    }
  });
});
