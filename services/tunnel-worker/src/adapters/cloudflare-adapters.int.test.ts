import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openStage, type Stage } from '../testing/stage.ts';
import { createTunnel, deleteTunnel, orderSite } from '../testing/stage-site.ts';
import { makeCloudflareRecords } from './cloudflare-records.ts';
import { makeCloudflareTunnels } from './cloudflare-tunnels.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

const aSignal = () => new AbortController().signal;
const nobody = 'f7a1c2d3-0000-4000-8000-000000000009';
const aSecret = () => randomBytes(32).toString('base64');
const nothing = { deletes: [], patches: [], posts: [] };

describe('makeCloudflareRecords', () => {
  const records = () => makeCloudflareRecords(stage.cloudflare);

  test('lists all records of a zone that holds more than a page', async () => {
    const { domain, cfZoneId } = await orderSite(stage);
    const names = Array.from({ length: 1001 }, (_, index) => `n${index}.${domain}`);
    for (const name of names) await stage.simulator.control.addRecord(domain, { type: 'TXT', name, content: 'x' });
    const found = await records().list(cfZoneId, aSignal());
    expect(new Set(found?.map(({ name }) => name))).toEqual(new Set(names));
  });

  test('sees no records where there is no zone', async () => {
    expect(await records().list('0'.repeat(32), aSignal())).toBeUndefined();
  });

  test('changes nothing when one of the changes is refused', async () => {
    const { domain, cfZoneId } = await orderSite(stage);
    const { id } = await stage.simulator.control.addRecord(domain, { type: 'A', name: domain, content: '192.0.2.1' });
    const post = { type: 'CNAME', name: domain, content: '-', proxied: true, ttl: 1, comment: null };
    await expect(
      records().change(cfZoneId, { ...nothing, deletes: [id], posts: [post] }, aSignal()),
    ).rejects.toMatchObject({ code: 'cloudflare.refused' });
    expect(await stage.simulator.control.listRecords(domain)).toHaveLength(1);
  });

  test.each([
    [{ kind: '5xx', status: 503 }, 'cloudflare.unavailable'],
    [{ kind: 'html-5xx' }, 'cloudflare.unavailable'],
    [{ kind: 'cut' }, 'cloudflare.unavailable'],
    [{ kind: '5xx', status: 401 }, 'cloudflare.unauthorized'],
    [{ kind: '5xx', status: 400 }, 'cloudflare.refused'],
  ] as const)('says of %j that it is %s', async (fault, code) => {
    const { cfZoneId } = await orderSite(stage);
    await stage.simulator.control.misbehave(fault);
    await expect(records().list(cfZoneId, aSignal())).rejects.toMatchObject({ code });
  });
});

describe('makeCloudflareTunnels', () => {
  const tunnels = () => makeCloudflareTunnels(stage.cloudflare);

  test('finds a tunnel by its whole name, and none that is deleted', async () => {
    const id = await createTunnel(stage, 'customer-found', aSecret());
    expect(await tunnels().findByName('customer-found', aSignal())).toBe(id);
    expect(await tunnels().findByName('customer-foun', aSignal())).toBeUndefined();
    await deleteTunnel(stage, id);
    expect(await tunnels().findByName('customer-found', aSignal())).toBeUndefined();
    expect(await tunnels().exists(id, aSignal())).toBe(false);
  });

  test('sees no tunnel where there is none, and removes none', async () => {
    expect(await tunnels().exists(nobody, aSignal())).toBe(false);
    await tunnels().dropConnections(nobody, aSignal());
    expect(await tunnels().remove(nobody, aSignal())).toBe(true);
  });

  test('refuses a second tunnel of a name (1013)', async () => {
    await createTunnel(stage, 'customer-twice', aSecret());
    await expect(createTunnel(stage, 'customer-twice', aSecret())).rejects.toMatchObject({
      code: 'cloudflare.refused',
    });
  });

  test('shows no secret when what it read is printed', async () => {
    const secret = aSecret();
    const id = await createTunnel(stage, 'customer-secret', secret);
    const read = await tunnels().readSecret(id, aSignal());
    expect(read.reveal()).toBe(secret);
    expect(`${read} ${JSON.stringify({ read })}`).not.toContain(secret);
  });

  test('tells no secret in an error', async () => {
    const secret = aSecret();
    await createTunnel(stage, 'customer-told', secret);
    const error = await createTunnel(stage, 'customer-told', secret).catch((thrown: Error) => thrown);
    expect(String(error)).not.toContain(secret);
  });
});
