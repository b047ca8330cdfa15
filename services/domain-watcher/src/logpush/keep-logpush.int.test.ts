import { silentLog } from '@berth/shared/runtime/log';
import { makeAccountRounds } from '@berth/shared/store/account-rounds';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCloudflareLogpush } from '../adapters/cloudflare-logpush.ts';
import { makeWatcherWorld, type WatcherWorld } from '../testing/watcher-world.ts';
import { keepLogpush } from './keep-logpush.ts';
import type { CloudflareLogpush } from './logpush-access.ts';
import { fieldsOf } from './plan-logpush.ts';
import type { LogpushTarget } from './reconcile-logpush.ts';

describe('keepLogpush', () => {
  let world: WatcherWorld;
  let domain: string;
  const signal = new AbortController().signal;
  const target: LogpushTarget = {
    destination: 'https://logs.example.org/in?header_Authorization=secret',
    challenge: undefined,
    fields: fieldsOf(false),
  };
  const bucket = { ...target, destination: 's3://bucket/logs?region=eu-central-1' };

  beforeAll(async () => {
    world = await makeWatcherWorld();
  });
  beforeEach(async () => {
    const site = await world.order();
    domain = site.domain;
    await world.settle();
    await world.control.activateZone(domain);
    await world.control.setPlan(domain, 'enterprise');
    await world.db.pool.query(`update zones set status = 'active', first_active_at = now()`);
    await world.db.pool.query(`update sites set zone_active_at = now() where gone_at is null`);
    await world.control.clearCalls();
  });
  afterEach(async () => {
    await world.control.behave();
    await world.control.setToken({});
    await world.db.pool.query('delete from zone_logpush');
    await world.db.pool.query('delete from account_rounds');
    await world.db.pool.query('update cloudflare_accounts set blocked_until = null');
    await world.db.pool.query('update sites set gone_at = now()');
  });
  afterAll(() => world.close());

  async function keep({
    to = target,
    logpush = makeCloudflareLogpush(world.cloudflare),
  }: {
    to?: LogpushTarget | null;
    logpush?: CloudflareLogpush;
  } = {}): Promise<void> {
    const readings = makeAccountRounds(world.db, world.account.id, 'logpush');
    await readings.untilDueMs();
    await world.db.pool.query('update account_rounds set due_at = now(), lease_until = null');
    await world.db.pool.query('update zone_logpush set due_at = now()');
    await readings.claim('one', 60_000);
    const common = { db: world.db, accountId: world.account.id, log: silentLog, owner: 'one' };
    await keepLogpush({ ...common, readings, logpush, target: to }, signal);
  }
  const jobs = () => world.control.listLogpushJobs(domain);
  const state = async () =>
    (
      await world.db.pool.query(
        'select state, reason, message, destination, job_id::int as "jobId", tries from zone_logpush',
      )
    ).rows[0];
  const calls = async () => Object.keys(await world.control.callCounts()).filter((call) => call.includes('logpush'));

  test('makes one job, without visitors’ addresses, and keeps no secret of the destination', async () => {
    await keep();
    const [job, ...others] = await jobs();
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      name: 'berth-requests',
      dataset: 'http_requests',
      enabled: true,
      destination_conf: target.destination,
    });
    expect(job?.output_options?.field_names).not.toContain('ClientIP');
    expect(await state()).toMatchObject({
      state: 'on',
      reason: null,
      destination: 'https://logs.example.org/in',
      jobId: job?.id,
    });
  });

  test('pushes addresses when it is told to', async () => {
    await keep({ to: { ...target, fields: fieldsOf(true) } });
    expect((await jobs())[0]?.output_options?.field_names).toContain('ClientIP');
    await keep();
    expect((await jobs())[0]?.output_options?.field_names).not.toContain('ClientIP');
  });

  test('does nothing the second time but look', async () => {
    await keep();
    await world.control.clearCalls();
    await keep();
    expect(await calls()).toEqual([expect.stringMatching(/^GET .*logpush\/jobs$/)]);
  });

  test('leaves jobs of others as they are', async () => {
    const theirs = {
      name: 'theirs',
      dataset: 'http_requests',
      enabled: false,
      destination_conf: 'https://a.example.org/',
    };
    const events = { name: 'berth-requests', dataset: 'firewall_events', destination_conf: 'https://b.example.org/' };
    const before = [
      await world.control.addLogpushJob(domain, theirs),
      await world.control.addLogpushJob(domain, events),
    ];
    await keep();
    expect((await jobs()).slice(0, 2)).toEqual(before);
    await keep({ to: null });
    expect(await jobs()).toEqual(before);
    expect(await state()).toMatchObject({ state: 'off', jobId: null });
  });

  test('repairs what somebody changed, and takes away what is there twice', async () => {
    const ours = { name: 'berth-requests', dataset: 'http_requests', destination_conf: 'https://old.example.org/' };
    await world.control.addLogpushJob(domain, ours);
    await world.control.addLogpushJob(domain, ours);
    await keep();
    expect(await jobs()).toMatchObject([{ enabled: true, destination_conf: target.destination }]);
    expect(await state()).toMatchObject({ state: 'on' });
  });

  test('says that the plan has none, and that the zone’s jobs are full', async () => {
    await world.control.setPlan(domain, 'business');
    await keep();
    expect(await state()).toMatchObject({ state: 'off', reason: 'LogpushNotInPlan' });
    await world.control.setPlan(domain, 'enterprise');
    const theirs = { dataset: 'http_requests', destination_conf: 'https://a.example.org/' };
    for (let n = 0; n < 4; n += 1) await world.control.addLogpushJob(domain, { ...theirs, name: `theirs${n}` });
    await keep();
    expect(await state()).toMatchObject({ state: 'off', reason: 'LogpushJobsFull' });
  });

  test('has a challenge put at a bucket once, and waits until somebody has read it', async () => {
    await keep({ to: bucket });
    await keep({ to: bucket });
    const counts = await world.control.callCounts();
    const asked = Object.entries(counts).filter(
      ([call]) => call.startsWith('POST') && call.endsWith('/logpush/ownership'),
    );
    expect(asked.map(([, count]) => count)).toEqual([1]);
    expect(await state()).toMatchObject({
      state: 'waiting',
      reason: 'LogpushChallengeWaiting',
      message: expect.stringMatching(/logs\/.+\.txt/),
    });
    await keep({ to: { ...bucket, challenge: 'another' } });
    expect(await state()).toMatchObject({ state: 'waiting', reason: 'LogpushChallengeRefused' });
    expect(await jobs()).toEqual([]);
    const challenge = (await world.control.readChallenge(bucket.destination)) ?? undefined;
    await keep({ to: { ...bucket, challenge } });
    expect(await state()).toMatchObject({ state: 'on', destination: 's3://bucket/logs' });
    expect(await jobs()).toHaveLength(1);
  });

  test('takes its job away when the site has gone', async () => {
    await keep();
    await world.db.pool.query('update sites set gone_at = now()');
    await keep();
    expect(await jobs()).toEqual([]);
    expect(await state()).toMatchObject({ state: 'off', jobId: null });
    await world.control.clearCalls();
    await keep();
    expect(await calls()).toEqual([]);
  });

  test.each(['5xx', 'html-5xx', 'lost-answer', 'cut'] as const)(
    'makes one job after %s to any of its calls',
    async (kind) => {
      for (const method of ['GET', 'POST']) {
        await world.control.misbehave({ method, path: 'logpush/jobs', kind });
        await keep();
        expect(await state()).toMatchObject({ reason: 'LogpushUnanswered', tries: 1 });
        await keep();
        expect(await jobs()).toHaveLength(1);
        expect(await state()).toMatchObject({ state: 'on', reason: null, tries: 0 });
        await keep({ to: null });
        await world.db.pool.query('delete from zone_logpush');
      }
    },
  );

  test('keeps what was known of a job that cannot be looked at', async () => {
    await keep();
    await world.control.misbehave({ method: 'GET', path: 'logpush/jobs', kind: '5xx' });
    await keep();
    expect(await state()).toMatchObject({ state: 'on', reason: 'LogpushUnanswered' });
  });

  test('waits when Cloudflare wants fewer calls', async () => {
    await world.control.misbehave({ method: 'GET', path: 'logpush/jobs', kind: '429' });
    await expect(keep()).rejects.toThrow();
    await world.db.pool.query('update cloudflare_accounts set blocked_until = null');
    await keep();
    expect(await jobs()).toHaveLength(1);
  });

  test.each(['create', 'update', 'remove', 'challenge'] as const)(
    'goes on as if nothing were when it is killed after %s',
    async (effect) => {
      const whole = makeCloudflareLogpush(world.cloudflare);
      const killed = async (work: Promise<unknown>): Promise<never> => {
        await work;
        throw new Error('killed');
      };
      const logpush: CloudflareLogpush = {
        ...whole,
        [effect]: (...given: never[]) => killed((whole[effect] as (...all: never[]) => Promise<unknown>)(...given)),
      };
      const ours = { name: 'berth-requests', dataset: 'http_requests', destination_conf: 'https://old.example.org/' };
      if (effect === 'update' || effect === 'remove') await world.control.addLogpushJob(domain, ours);
      if (effect === 'remove') await world.control.addLogpushJob(domain, ours);
      const to = effect === 'challenge' ? bucket : target;
      await expect(keep({ logpush, to })).rejects.toThrow('killed');
      const challenge = (await world.control.readChallenge(to.destination)) ?? undefined;
      await keep({ to: { ...to, challenge } });
      expect(await jobs()).toMatchObject([{ enabled: true, destination_conf: to.destination }]);
      expect(await state()).toMatchObject({ state: 'on' });
    },
  );

  test('says so when the token may not edit logs, and goes on when it may', async () => {
    await world.control.setToken({ permissions: ['zone.read', 'logs.read'] });
    await keep();
    expect(await state()).toMatchObject({ reason: 'LogpushUnanswered', message: expect.stringContaining('403') });
    await world.control.setToken({});
    await keep();
    expect(await state()).toMatchObject({ state: 'on' });
  });
});
