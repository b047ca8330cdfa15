import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallApi, makeApiClient, toOutcome } from '../testing/make-api-client.ts';
import { registerConnector } from '../testing/register-connector.ts';
import { profiles } from './profile.ts';
import { type CloudflareSimulator, startCloudflare } from './start-cloudflare.ts';

const tunnelSecret = Buffer.alloc(32, 5).toString('base64');

let simulator: CloudflareSimulator;
let call: CallApi;
let path: string;

const create = (name: string, more: Record<string, unknown> = {}) =>
  call('POST', path, { name, tunnel_secret: tunnelSecret, config_src: 'local', ...more });
const makeId = async (name: string): Promise<string> => (await create(name)).body.result.id;
const listed = async (query = ''): Promise<string[]> =>
  (await call('GET', `${path}?${query}`)).body.result.map(({ name }: { name: string }) => name);
const tokenOf = async (id: string): Promise<Record<string, string>> => {
  const { result } = (await call('GET', `${path}/${id}/token`)).body;
  return JSON.parse(Buffer.from(result, 'base64').toString('utf8'));
};

beforeEach(async () => {
  simulator = await startCloudflare({ profile: 'ordinary' });
  call = makeApiClient(simulator);
  path = `/accounts/${simulator.accountId}/cfd_tunnel`;
});

afterEach(() => simulator.stop());

describe('a tunnel', () => {
  test('is inactive when it was made, and carries its secret in its token alone', async () => {
    const { body } = await create('customer-a');
    const { id, token, credentials_file: credentials } = body.result;
    expect(body.result).toMatchObject({
      name: 'customer-a',
      status: 'inactive',
      config_src: 'local',
      deleted_at: null,
    });
    expect(body.result).toMatchObject({ account_tag: simulator.accountId, remote_config: false, connections: [] });
    expect(credentials).toEqual({
      AccountTag: simulator.accountId,
      TunnelID: id,
      TunnelName: 'customer-a',
      TunnelSecret: tunnelSecret,
    });
    expect(await tokenOf(id)).toEqual({ a: simulator.accountId, t: id, s: tunnelSecret });
    expect((await call('GET', `${path}/${id}/token`)).body.result).toBe(token);
    expect(JSON.stringify((await call('GET', `${path}/${id}`)).body)).not.toContain(tunnelSecret);
    expect(JSON.stringify((await call('GET', path)).body)).not.toContain(tunnelSecret);
  });

  test('gets a secret where none is given, another one by PATCH', async () => {
    const { id } = (await create('customer-a', { tunnel_secret: undefined })).body.result;
    const made = (await tokenOf(id)).s ?? '';
    expect(Buffer.from(made, 'base64')).toHaveLength(32);
    await expect(registerConnector(simulator, { tunnelId: id, tunnelSecret })).rejects.toThrow('Invalid tunnel secret');
    await call('PATCH', `${path}/${id}`, { tunnel_secret: tunnelSecret });
    expect((await tokenOf(id)).s).toBe(tunnelSecret);
    await registerConnector(simulator, { tunnelId: id, tunnelSecret });
  });

  test.each<[string, Record<string, unknown>]>([
    ['an empty name', { name: '' }],
    ['a long name', { name: 'x'.repeat(101) }],
    ['a name that is a UUID', { name: '11111111-2222-3333-4444-555555555555' }],
    ['a short secret', { tunnel_secret: Buffer.alloc(31).toString('base64') }],
    ['a secret that is no base64', { tunnel_secret: '!'.repeat(64) }],
    ['an unknown source of its configuration', { config_src: 'remote' }],
    ['an unknown field', { nonsense: 1 }],
  ])('is refused with %s', async (_what, fields) => {
    expect(toOutcome(await create('customer-a', fields))).toEqual([400, 1001]);
    expect(await listed()).toEqual([]);
  });

  test('has its name for itself until it is deleted', async () => {
    const id = await makeId('customer-a');
    const other = await makeId('customer-b');
    expect(toOutcome(await create('customer-a'))).toEqual([409, 1013]);
    expect(toOutcome(await call('PATCH', `${path}/${other}`, { name: 'customer-a' }))).toEqual([409, 1013]);
    await call('DELETE', `${path}/${id}`);
    expect((await call('PATCH', `${path}/${other}`, { name: 'customer-a' })).status).toBe(200);
    expect(toOutcome(await create('customer-a'))).toEqual([409, 1013]);
    expect((await create('customer-b')).status).toBe(200);
  });

  test('stays listed when it is deleted, unless that is not wanted', async () => {
    const id = await makeId('customer-a');
    const deleted = (await call('DELETE', `${path}/${id}`)).body.result;
    expect(deleted).toMatchObject({ id, deleted_at: expect.any(String) });
    const again = await makeId('customer-a');
    expect(again).not.toBe(id);
    const ids = async (query: string) =>
      (await call('GET', `${path}?${query}`)).body.result.map((tunnel: { id: string }) => tunnel.id);
    expect(await ids('name=customer-a')).toEqual([id, again]);
    expect(await ids('name=customer-a&is_deleted=false')).toEqual([again]);
    expect(await ids('is_deleted=true')).toEqual([id]);
    expect((await call('GET', `${path}/${id}`)).body.result.deleted_at).toBe(deleted.deleted_at);
    for (const [method, below] of [
      ['DELETE', ''],
      ['GET', '/token'],
      ['DELETE', '/connections'],
    ] as const) {
      expect(toOutcome(await call(method, `${path}/${id}${below}`))).toEqual([404, 1003]);
    }
    expect(toOutcome(await call('PATCH', `${path}/${id}`, { name: 'x' }))).toEqual([404, 1003]);
    const unknown = '11111111-2222-3333-4444-555555555555';
    expect(toOutcome(await call('GET', `${path}/${unknown}`))).toEqual([404, 1003]);
    await expect(registerConnector(simulator, { tunnelId: id, tunnelSecret })).rejects.toThrow('Tunnel not found');
  });
});

describe('the connections of a tunnel', () => {
  test('decide its status', async () => {
    const id = await makeId('customer-a');
    const show = async () => (await call('GET', `${path}/${id}`)).body.result;
    const connectorId = '99999999-2222-3333-4444-555555555555';
    const connect = () => registerConnector(simulator, { tunnelId: id, tunnelSecret, connectorId });
    const first = await connect();
    expect(await show()).toMatchObject({ status: 'degraded', conns_inactive_at: null, connections: [] });
    const others = [await connect(), await connect(), await connect()];
    expect(await show()).toMatchObject({ status: 'healthy', conns_active_at: expect.any(String) });
    for (const connection of [first, ...others]) connection.unregister();
    expect(await show()).toMatchObject({
      status: 'down',
      conns_active_at: null,
      conns_inactive_at: expect.any(String),
    });
    expect(await listed('status=down')).toEqual(['customer-a']);
    expect(await listed('status=healthy')).toEqual([]);
  });

  test('keep it from being deleted until they are dropped', async () => {
    const id = await makeId('customer-a');
    let dropped = 0;
    const [one, two] = ['11111111-0000-0000-0000-000000000000', '22222222-0000-0000-0000-000000000000'];
    for (const connectorId of [one, one, two]) {
      const connection = await registerConnector(simulator, { tunnelId: id, tunnelSecret, connectorId });
      connection.onClosed(() => {
        dropped += 1;
      });
    }
    const connectors = (await call('GET', `${path}/${id}/connections`)).body.result;
    expect(connectors).toMatchObject([
      { id: one, conns: [{ client_id: one }, { client_id: one }] },
      { id: two, conns: [{ client_id: two, is_pending_reconnect: false }] },
    ]);
    expect(toOutcome(await call('DELETE', `${path}/${id}`))).toEqual([400, 1022]);
    await call('DELETE', `${path}/${id}/connections?client_id=${one}`);
    expect(dropped).toBe(2);
    expect(toOutcome(await call('DELETE', `${path}/${id}`))).toEqual([400, 1022]);
    await call('DELETE', `${path}/${id}/connections`);
    expect(dropped).toBe(3);
    expect((await call('GET', `${path}/${id}/connections`)).body.result).toEqual([]);
    expect((await call('DELETE', `${path}/${id}`)).status).toBe(200);
  });

  test('go with it where the deletion cascades', async () => {
    const id = await makeId('customer-a');
    await registerConnector(simulator, { tunnelId: id, tunnelSecret });
    expect((await call('DELETE', `${path}/${id}?cascade=true`)).status).toBe(200);
  });
});

describe('the list of tunnels', () => {
  test('is filtered and comes in pages', async () => {
    for (const name of ['customer-a', 'customer-b', 'other']) await makeId(name);
    const { result } = (await call('GET', path)).body;
    expect(await listed('include_prefix=customer-')).toEqual(['customer-a', 'customer-b']);
    expect(await listed('exclude_prefix=customer-')).toEqual(['other']);
    expect(await listed(`uuid=${result[1].id}`)).toEqual(['customer-b']);
    expect(await listed('name=customer')).toEqual([]);
    expect(await listed('existed_at=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await listed('existed_at=2100-01-01T00:00:00Z')).toHaveLength(3);
    expect(await listed('per_page=2&page=2')).toEqual(['other']);
    expect(await listed('per_page=2&page=3')).toEqual([]);
    for (const query of ['per_page=0', 'per_page=1001']) {
      expect(toOutcome(await call('GET', `${path}?${query}`))).toEqual([400, 1001]);
    }
  });

  test('ends at a thousand live ones', async () => {
    const first = await makeId('customer-0');
    for (let nth = 1; nth < profiles.ordinary.tunnels; nth += 1) await simulator.control.addTunnel(`customer-${nth}`);
    expect(toOutcome(await create('one-more'))).toEqual([403, 1029]);
    await call('DELETE', `${path}/${first}`);
    expect((await create('one-more')).status).toBe(200);
    expect(profiles.enterprise.tunnels).toBeGreaterThan(10_000);
  });
});
