import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../../testing/make-api-client.ts';
import { type CloudflareSimulator, startCloudflare } from '../start-cloudflare.ts';

let simulator: CloudflareSimulator;
let call: CallApi;
let zone: string;
beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'enterprise' });
  call = makeApiClient(simulator);
  zone = (await simulator.control.addZone('mustermann.de', 'active')).id;
  await simulator.control.setPlan('mustermann.de', 'enterprise');
});
afterEach(() => simulator.stop());

const job = { name: 'berth', dataset: 'http_requests', destination_conf: 'https://logs.example.org/in', enabled: true };
const create = (more = {}) => call('POST', `/zones/${zone}/logpush/jobs`, { ...job, ...more });

describe('a zone’s Logpush jobs', () => {
  test('are made, listed, changed and deleted', async () => {
    const { id } = (await create()).body.result;
    expect((await call('GET', `/zones/${zone}/logpush/jobs`)).body.result).toMatchObject([{ id, ...job }]);
    await call('PUT', `/zones/${zone}/logpush/jobs/${id}`, { enabled: false });
    expect((await call('GET', `/zones/${zone}/logpush/jobs/${id}`)).body.result).toMatchObject({ id, enabled: false });
    expect((await call('DELETE', `/zones/${zone}/logpush/jobs/${id}`)).body.result).toEqual({ id });
    expect(toOutcome(await call('DELETE', `/zones/${zone}/logpush/jobs/${id}`))).toEqual([404, 1002]);
    expect(await simulator.control.listLogpushJobs('mustermann.de')).toEqual([]);
  });

  test('are four at most, and none without an Enterprise plan', async () => {
    for (let n = 0; n < 4; n += 1) await create();
    expect(toOutcome(await create())).toEqual([403, 1004]);
    await simulator.control.setPlan('mustermann.de', 'business');
    expect(toOutcome(await create())).toEqual([403, 1004]);
    expect((await call('GET', `/zones/${zone}/logpush/jobs`)).status).toBe(200);
  });

  test.each([
    [{ destination_conf: undefined }],
    [{ dataset: undefined }],
    [{ dataset: 'gateway_dns' }],
    [{ destination_conf: 'ftp://logs.example.org' }],
    [{ name: 'ours & theirs' }],
    [{ max_upload_records: 10 }],
    [{ output_options: { field_names: ['ClientIPShortened'] } }],
    [{ output_options: { timestamp_format: 'iso' } }],
  ])('are refused with %o', async (more) => {
    expect(toOutcome(await create(more))).toEqual([400, 1002]);
  });

  test('keep their name and their dataset', async () => {
    const { id } = (await create()).body.result;
    const renamed = await call('PUT', `/zones/${zone}/logpush/jobs/${id}`, { name: 'other' });
    expect(toOutcome(renamed)).toEqual([400, 1001]);
  });

  test('need the token that was put at a bucket', async () => {
    const destination_conf = 's3://bucket/logs?region=eu-central-1';
    expect(toOutcome(await create({ destination_conf }))).toEqual([400, 1002]);
    const asked = await call('POST', `/zones/${zone}/logpush/ownership`, { destination_conf });
    expect(asked.body.result).toMatchObject({ valid: true, filename: expect.stringMatching(/^logs\/.+\.txt$/) });
    const token = await simulator.control.readChallenge(destination_conf);
    const validate = async (ownership_challenge: string | null) =>
      (await call('POST', `/zones/${zone}/logpush/ownership/validate`, { destination_conf, ownership_challenge })).body;
    expect((await validate('another')).result).toEqual({ valid: false });
    expect((await validate(token)).result).toEqual({ valid: true });
    expect(toOutcome(await create({ destination_conf, ownership_challenge: 'another' }))).toEqual([400, 1002]);
    expect((await create({ destination_conf, ownership_challenge: token })).status).toBe(200);
  });

  test('are nobody’s whose token may not edit logs', async () => {
    await simulator.control.setToken({ permissions: ['logs.read'] });
    expect(toOutcome(await create())).toEqual([403, 10_000]);
    expect((await call('GET', `/zones/${zone}/logpush/jobs`)).status).toBe(200);
  });
});
