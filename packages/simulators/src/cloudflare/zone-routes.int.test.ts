import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../testing/make-api-client.ts';
import { type CloudflareOptions, type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

let simulator: CloudflareSimulator;
let call: CallApi;

async function start(options: Partial<CloudflareOptions> = {}): Promise<void> {
  simulator = await startCloudflare({ profile: 'ordinary', ...options });
  call = makeApiClient(simulator);
}

const create = (name: string) => call('POST', '/zones', { account: { id: simulator.accountId }, name });
const namesOf = async (query: string): Promise<string[]> =>
  (await call('GET', `/zones?${query}`)).body.result.map(({ name }: { name: string }) => name);

async function addZones(from: number, to: number, status: 'pending' | 'active'): Promise<void> {
  for (let nth = from; nth <= to; nth += 1) {
    await simulator.control.addZone(`z${String(nth).padStart(2, '0')}.de`, status);
  }
}

afterEach(() => simulator.stop());

describe('a zone', () => {
  test('is pending when it was made, and has the fields of a captured one', async () => {
    await start();
    const { result } = (await create('mustermann.de')).body;
    expect(result).toMatchObject({ name: 'mustermann.de', status: 'pending', activated_on: null, paused: false });
    expect(result.name_servers).toHaveLength(2);
    expect(result.name_servers.every((name: string) => /^[a-z]+\.ns\.cloudflare\.com$/.test(name))).toBe(true);
    expect(Object.keys(result).sort()).toEqual(
      ['account', 'activated_on', 'created_on', 'development_mode', 'id', 'meta', 'modified_on', 'name', 'name_servers']
        .concat(['original_dnshost', 'original_name_servers', 'original_registrar', 'owner', 'paused', 'permissions'])
        .concat(['plan', 'status', 'tenant', 'tenant_unit', 'type', 'vanity_name_servers', 'vanity_name_servers_ips']),
    );
  });

  test('goes active and moves as it is told, and is nobody’s once deleted', async () => {
    await start();
    const { id } = (await create('mustermann.de')).body.result;
    const show = async () => (await call('GET', `/zones/${id}`)).body.result;
    await simulator.control.activateZone('mustermann.de');
    expect(await show()).toMatchObject({ status: 'active', activated_on: expect.any(String) });
    await simulator.control.setZoneStatus('mustermann.de', 'moved');
    expect(await show()).toMatchObject({ status: 'moved', activated_on: expect.any(String) });
    await simulator.control.setZoneStatus('mustermann.de', 'deleted');
    expect(toOutcome(await call('GET', `/zones/${id}`))).toEqual([403, 9109]);
    expect(await namesOf('name=mustermann.de')).toEqual([]);
    expect(toOutcome(await call('DELETE', `/zones/${id}`))).toEqual([403, 9109]);
  });

  test('goes active by itself where a time is set', async () => {
    await start({ activateAfterMs: 10 });
    const { id } = (await create('mustermann.de')).body.result;
    await expect
      .poll(async () => (await call('GET', `/zones/${id}`)).body.result.status, { timeout: 60_000 })
      .toBe('active');
  });

  test('gets another id and other name servers each time that it is made again', async () => {
    await start({ profile: 'enterprise' });
    let before = (await create('mustermann.de')).body.result;
    for (let others = 0; others < 32; others += 1) {
      await call('DELETE', `/zones/${before.id}`);
      if (others > 0) await simulator.control.addZone(`other-${others}.de`, 'active');
      const after = (await create('mustermann.de')).body.result;
      expect(after.id).not.toBe(before.id);
      expect(after.name_servers).not.toEqual(before.name_servers);
      before = after;
      for (let more = 0; more < others % 16; more += 1) {
        await simulator.control.addZone(`more-${others}-${more}.de`, 'active');
      }
    }
  });

  test('outlives the process where a directory is given', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'berth-cloudflare-'));
    await start({ dataDir });
    const { id, name_servers } = (await create('mustermann.de')).body.result;
    await call('PATCH', `/zones/${id}`, { paused: true });
    await call('POST', `/zones/${id}/dns_records`, { type: 'A', name: '@', content: '192.0.2.1', ttl: 1 });
    await simulator.stop();
    await start({ dataDir });
    expect((await call('GET', `/zones/${id}`)).body.result).toMatchObject({ name_servers, paused: true });
    expect((await call('GET', `/zones/${id}/dns_records`)).body.result).toHaveLength(1);
    await call('DELETE', `/zones/${id}`);
    expect((await create('mustermann.de')).body.result.name_servers).not.toEqual(name_servers);
    await simulator.stop();
    rmSync(dataDir, { recursive: true });
    await start();
  });

  test('changes in one property at a time', async () => {
    await start();
    const { id } = (await create('mustermann.de')).body.result;
    expect((await call('PATCH', `/zones/${id}`, { paused: true })).body.result.paused).toBe(true);
    for (const body of [{}, { paused: false, type: 'full' }, { paused: 'no' }, { type: 'partial' }]) {
      expect(toOutcome(await call('PATCH', `/zones/${id}`, body))).toEqual([400, 1001]);
    }
    expect((await call('GET', `/zones/${id}`)).body.result.paused).toBe(true);
  });
});

describe('creating a zone', () => {
  test('answers 1061 alike for a zone of ours and one of others', async () => {
    await start();
    await create('ours.de');
    await simulator.control.setElsewhere(['theirs.de']);
    const [ours, theirs] = [await create('ours.de'), await create('theirs.de')];
    expect(ours.body.errors).toEqual([{ code: 1061, message: 'ours.de already exists' }]);
    expect(theirs.body.errors).toEqual([{ code: 1061, message: 'theirs.de already exists' }]);
    expect([ours.status, theirs.status]).toEqual([400, 400]);
    expect(await namesOf('name=ours.de')).toEqual(['ours.de']);
    expect(await namesOf('name=theirs.de')).toEqual([]);
  });

  test.each([
    'mustermann',
    'Mustermann.de',
    'müller.de',
    '-a.de',
    'a..de',
    'a b.de',
    'a.de.',
    '1.2.3.4',
    `${'a'.repeat(64)}.de`,
  ])('refuses %s with 1002', async (name) => {
    await start();
    expect(toOutcome(await create(name))).toEqual([400, 1002]);
  });

  test.each([1049, 1097, 1099, 1105, 1110, 1428])('refuses with %i where it is told to', async (code) => {
    await start();
    await simulator.control.refuseZone('mustermann.de', code);
    expect(toOutcome(await create('mustermann.de'))).toEqual([400, code]);
    expect(await namesOf('')).toEqual([]);
  });

  test('ends after 25 in ten minutes, deleted ones counted', async () => {
    await start();
    for (let nth = 1; nth <= 25; nth += 1) {
      const made = await create(`z${nth}.de`);
      expect(made.status).toBe(200);
      if (nth === 1) await call('DELETE', `/zones/${made.body.result.id}`);
    }
    expect(toOutcome(await create('z26.de'))).toEqual([400, 1118]);
    expect(toOutcome(await create('z25.de'))).toEqual([400, 1061]);
  });

  test('ends while more than 50 zones are there and most are pending', async () => {
    await start();
    await addZones(1, 50, 'pending');
    expect((await create('fifty-one.de')).status).toBe(200);
    expect(toOutcome(await create('fifty-two.de'))).toEqual([400, 1118]);
    for (let nth = 1; nth <= 25; nth += 1) await simulator.control.activateZone(`z${String(nth).padStart(2, '0')}.de`);
    expect(toOutcome(await create('fifty-two.de'))).toEqual([400, 1118]);
    await simulator.control.activateZone('z26.de');
    expect((await create('fifty-two.de')).status).toBe(200);
  });

  test('has no such end with the profile enterprise', async () => {
    await start({ profile: 'enterprise' });
    await addZones(1, 60, 'pending');
    for (let nth = 100; nth < 130; nth += 1) expect((await create(`z${nth}.de`)).status).toBe(200);
  });
});

describe('the list of zones', () => {
  test('comes in pages of 5 to 50, 20 when nothing is said', async () => {
    await start();
    await addZones(1, 51, 'active');
    const info = async (query: string) => (await call('GET', `/zones?${query}`)).body.result_info;
    expect(await info('')).toEqual({ page: 1, per_page: 20, count: 20, total_count: 51, total_pages: 3 });
    expect(await info('per_page=50&page=2')).toMatchObject({ count: 1, total_pages: 2 });
    expect(await namesOf('per_page=50&page=2')).toEqual(['z51.de']);
    expect(await namesOf('per_page=50&page=3')).toEqual([]);
    for (const query of [
      'per_page=4',
      'per_page=51',
      'per_page=x',
      'per_page=',
      'page=0',
      'page=-1',
      'page=1.5',
      'page=1e1',
    ]) {
      expect([query, ...toOutcome(await call('GET', `/zones?${query}`))]).toEqual([query, 400, 1001]);
    }
  });

  test('is filtered and ordered', async () => {
    await start();
    await simulator.control.addZone('b.de', 'pending');
    await simulator.control.addZone('a.de', 'active');
    await simulator.control.addZone('ab.de', 'moved');
    const account = `account.id=${simulator.accountId}`;
    expect(await namesOf(`${account}&order=name&direction=desc`)).toEqual(['b.de', 'ab.de', 'a.de']);
    expect(await namesOf('order=status')).toEqual(['a.de', 'ab.de', 'b.de']);
    expect(await namesOf(`${account}&status=pending`)).toEqual(['b.de']);
    expect(await namesOf(`account.id=${'0'.repeat(32)}`)).toEqual([]);
    expect(await namesOf('account.name=Nobody')).toEqual([]);
    expect(await namesOf('name=a.de&status=pending')).toEqual([]);
    expect(await namesOf('name=a.de&status=pending&match=any')).toEqual(['a.de', 'b.de']);
    expect(await namesOf('name=starts_with:a')).toEqual(['a.de', 'ab.de']);
    expect(await namesOf('name=contains:b')).toEqual(['ab.de', 'b.de']);
    expect(await namesOf('name=ends_with:b.de')).toEqual(['ab.de', 'b.de']);
    expect(await namesOf('name=equal:b.de')).toEqual(['b.de']);
    expect(await namesOf('type=partial')).toEqual([]);
    expect(await namesOf('type=partial&type=full&name=b.de')).toEqual(['b.de']);
    // The real API takes two names for one; so whoever asks so must not find them here.
    expect(await namesOf('name=a.de,b.de')).toEqual([]);
  });
});

describe('the activation check', () => {
  test('is allowed once an hour for a pending zone, and only queues', async () => {
    await start();
    const { id } = (await create('mustermann.de')).body.result;
    expect((await call('PUT', `/zones/${id}/activation_check`)).body.result).toEqual({ id });
    expect(toOutcome(await call('PUT', `/zones/${id}/activation_check`))).toEqual([400, 1224]);
    expect((await call('GET', `/zones/${id}`)).body.result.status).toBe('pending');
    const active = await simulator.control.addZone('beispiel.de', 'active');
    expect(toOutcome(await call('PUT', `/zones/${active.id}/activation_check`))).toEqual([400, 1224]);
  });
});
