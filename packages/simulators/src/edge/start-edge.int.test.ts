import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CloudflareOptions, type CloudflareSimulator, startCloudflare } from '../cloudflare/start-cloudflare.ts';
import { type CloudflaredProcess, startCloudflared } from '../cloudflared/start-cloudflared.ts';
import { makeApiClient } from '../testing/make-api-client.ts';
import { registerConnector } from '../testing/register-connector.ts';
import { type Page, type Visit, visitEdge } from '../testing/visit-edge.ts';

const tunnelSecret = Buffer.alloc(32, 9).toString('base64');

const within = { timeout: 60_000 };

let dir: string;
let simulator: CloudflareSimulator;
const processes: CloudflaredProcess[] = [];
const servers: Server[] = [];

async function start(options: Partial<CloudflareOptions> = {}): Promise<void> {
  simulator = await startCloudflare({ profile: 'enterprise', ...options });
}

const visit = (hostname: string, how?: Visit): Promise<Page> => visitEdge(simulator, hostname, how);
const brief = async (hostname: string): Promise<[number, string]> => {
  const { status, text } = await visit(hostname);
  return [status, text];
};

async function makeTunnel(name = 'customer-a'): Promise<string> {
  const path = `/accounts/${simulator.accountId}/cfd_tunnel`;
  return (await makeApiClient(simulator)('POST', path, { name, tunnel_secret: tunnelSecret })).body.result.id;
}

/** An active zone whose name leads into a tunnel. */
async function makeRoute(domain = 'mustermann.de'): Promise<string> {
  const tunnelId = await makeTunnel(`customer-${domain}`);
  await simulator.control.addZone(domain, 'active');
  const content = `${tunnelId}.cfargotunnel.com`;
  await simulator.control.addRecord(domain, { type: 'CNAME', name: domain, content, proxied: true });
  return tunnelId;
}

async function listen(answer: (path: string, headers: Record<string, unknown>) => string): Promise<number> {
  const server = createServer((request, response) => response.end(answer(request.url ?? '', request.headers)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Runs a connector with the ingress of one host name, and gives it back once it is connected. */
async function connect(tunnelId: string, hostname: string, port: number): Promise<CloudflaredProcess> {
  const [config, credentials] = [join(dir, 'config.yml'), join(dir, 'tunnel.json')];
  const known = { AccountTag: simulator.accountId, TunnelID: tunnelId, TunnelSecret: tunnelSecret };
  writeFileSync(credentials, JSON.stringify(known));
  writeFileSync(
    config,
    `tunnel: ${tunnelId}\nmetrics: 127.0.0.1:0\ningress:\n  - hostname: ${hostname}\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
  );
  return new Promise((resolve, reject) => {
    const started = startCloudflared({
      words: ['tunnel', '--config', config, '--credentials-file', credentials, 'run'],
      edge: simulator.edge,
      timings: { firstConnectionMs: 1, allConnectionsMs: 4, retryMs: 20 },
      log: () => undefined,
      onReady: () => resolve(started),
      onExit: (exitCode) => reject(new Error(`cloudflared exited with ${exitCode}`)),
    });
    processes.push(started);
  });
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'berth-edge-test-'));
});

afterEach(async () => {
  for (const started of processes.splice(0)) started.kill();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
  await simulator.stop();
  rmSync(dir, { recursive: true });
});

describe('the handshake with the edge', () => {
  test('shows a certificate of the root that was made at the start', async () => {
    await start();
    await makeRoute();
    expect((await visit('mustermann.de')).status).toBe(530);
    expect((await visit('www.mustermann.de')).status).toBe(530);
    await expect(visit('mustermann.de', { trusting: false })).rejects.toMatchObject({
      code: expect.stringMatching(/^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/),
    });
    const other = await startCloudflare({ profile: 'enterprise' });
    const { edgeAddress } = simulator;
    await expect(visitEdge({ edgeAddress, edgeCaFile: other.edgeCaFile }, 'mustermann.de')).rejects.toThrow(
      'certificate',
    );
    await other.stop();
  });

  test('fails for names that no certificate covers, and without a name', async () => {
    await start();
    await makeRoute();
    for (const name of ['beispiel.de', 'a.b.mustermann.de', 'xmustermann.de']) {
      await expect(visit(name)).rejects.toThrow(/handshake failure/);
    }
    await expect(visit('mustermann.de', { servername: null })).rejects.toThrow(/handshake failure/);
  });

  test('fails until the zone is active and its certificate issued', async () => {
    await start({ certificateAfterMs: 4000 });
    await simulator.control.addZone('mustermann.de', 'pending');
    await expect(visit('mustermann.de')).rejects.toThrow(/handshake failure/);
    await simulator.control.activateZone('mustermann.de');
    await expect(visit('mustermann.de')).rejects.toThrow(/handshake failure/);
    await expect
      .poll(
        () =>
          visit('mustermann.de').then(
            ({ status }) => status,
            () => 0,
          ),
        within,
      )
      .toBe(530);
    await simulator.control.holdCertificate('mustermann.de');
    await expect(visit('mustermann.de')).rejects.toThrow(/handshake failure/);
    await simulator.control.issueCertificate('mustermann.de');
    expect((await visit('mustermann.de')).status).toBe(530);
  });

  test('fails for zones that moved, are paused or were deleted', async () => {
    await start();
    for (const name of ['moved.de', 'paused.de', 'deleted.de']) await makeRoute(name);
    expect((await visit('paused.de')).status).toBe(530);
    await simulator.control.setZoneStatus('moved.de', 'moved');
    await simulator.control.setZoneStatus('deleted.de', 'deleted');
    const paused = (await simulator.control.listZones()).find(({ name }) => name === 'paused.de');
    await makeApiClient(simulator)('PATCH', `/zones/${paused?.id}`, { paused: true });
    for (const name of ['moved.de', 'paused.de', 'deleted.de']) {
      await expect(visit(name)).rejects.toThrow(/handshake failure/);
    }
  });
});

describe('the edge', () => {
  test('says 1016 where no record or no tunnel is', async () => {
    await start();
    await simulator.control.addZone('mustermann.de', 'active');
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1016']);
    const unknown = '11111111-2222-3333-4444-555555555555.cfargotunnel.com';
    const record = { type: 'CNAME', name: 'mustermann.de', content: unknown, proxied: true };
    const { id } = await simulator.control.addRecord('mustermann.de', record);
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1016']);
    const tunnelId = await makeTunnel();
    await registerConnector(simulator, { tunnelId, tunnelSecret });
    const content = `${tunnelId}.cfargotunnel.com`;
    await simulator.control.changeRecord('mustermann.de', id, { content, proxied: false });
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1016']);
    await simulator.control.changeRecord('mustermann.de', id, { proxied: true });
    expect(await brief('mustermann.de')).toEqual([200, 'through the tunnel: /']);
    await makeApiClient(simulator)('DELETE', `/accounts/${simulator.accountId}/cfd_tunnel/${tunnelId}?cascade=true`);
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1016']);
  });

  test('says 1033 while the tunnel has no connection', async () => {
    await start();
    const tunnelId = await makeRoute();
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1033']);
    const connection = await registerConnector(simulator, { tunnelId, tunnelSecret });
    expect((await visit('mustermann.de')).status).toBe(200);
    connection.unregister();
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1033']);
  });

  test('lets a visitor through the connector to the origin, with the headers of the real one', async () => {
    await start();
    const tunnelId = await makeRoute();
    const port = await listen((path, headers) => JSON.stringify({ path, ...headers }));
    await connect(tunnelId, 'mustermann.de', port);
    const { status, headers, text } = await visit('mustermann.de', { path: '/a?b=c' });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ server: 'cloudflare', 'cf-ray': expect.stringMatching(/^[0-9a-f]{16}-FRA$/) });
    expect(JSON.parse(text)).toMatchObject({
      path: '/a?b=c',
      host: 'mustermann.de',
      'cf-ray': headers['cf-ray'],
      'cf-connecting-ip': expect.stringContaining('127.0.0.1'),
      'x-forwarded-proto': 'https',
    });
  });

  test('says 502 where the origin is down, 404 where the connector has no rule for the name', async () => {
    await start();
    const tunnelId = await makeRoute();
    const content = `${tunnelId}.cfargotunnel.com`;
    await simulator.control.addRecord('mustermann.de', { type: 'CNAME', name: 'www', content, proxied: true });
    const port = await listen(() => 'origin');
    await connect(tunnelId, 'mustermann.de', port);
    expect(await brief('mustermann.de')).toEqual([200, 'origin']);
    expect((await visit('www.mustermann.de')).status).toBe(404);
    const [origin] = servers.splice(0);
    origin?.closeAllConnections();
    await new Promise((resolve) => origin?.close(resolve));
    expect((await visit('mustermann.de')).status).toBe(502);
    expect((await visit('www.mustermann.de')).status).toBe(404);
  });

  test("does not show one zone's pages on a connection for another", async () => {
    await start();
    for (const domain of ['mustermann.de', 'beispiel.de']) {
      await registerConnector(simulator, { tunnelId: await makeRoute(domain), tunnelSecret });
    }
    await expect(visit('beispiel.de', { servername: 'mustermann.de' })).resolves.toMatchObject({ status: 403 });
    expect((await visit('beispiel.de')).status).toBe(200);
  });

  test('shares visits out among the connectors of a tunnel', async () => {
    await start();
    const tunnelId = await makeRoute();
    const seen: string[] = [];
    for (const name of ['one', 'two']) {
      await registerConnector(simulator, {
        tunnelId,
        tunnelSecret,
        handle: (_request, response) => {
          seen.push(name);
          response.end();
        },
      });
    }
    for (let nth = 0; nth < 4; nth += 1) await visit('mustermann.de');
    expect(seen.sort()).toEqual(['one', 'one', 'two', 'two']);
  });

  test('answers with strangers’ servers at the addresses of their records, 522 where nothing is', async () => {
    await start();
    await simulator.control.addZone('mustermann.de', 'active');
    const record = { type: 'A', name: 'mustermann.de', content: '192.0.2.1', proxied: true };
    await simulator.control.addRecord('mustermann.de', record);
    expect((await visit('mustermann.de')).status).toBe(522);
    await simulator.control.setForeignServer('192.0.2.1', { status: 200, body: 'the old site' });
    expect(await brief('mustermann.de')).toEqual([200, 'the old site']);
  });

  test('can go down, and takes connectors back when it is up again', async () => {
    await start();
    const tunnelId = await makeRoute();
    await connect(tunnelId, 'mustermann.de', await listen(() => 'origin'));
    const connections = async () => (await simulator.control.listTunnels())[0]?.connections;
    await expect.poll(connections, within).toBe(4);
    await simulator.control.setEdgeUp(false);
    expect(await connections()).toBe(0);
    await expect(visit('mustermann.de')).rejects.toThrow();
    await simulator.control.setEdgeUp(true);
    await expect.poll(connections, within).toBe(4);
    expect(await brief('mustermann.de')).toEqual([200, 'origin']);
    await simulator.control.dropConnections(tunnelId);
    expect(await connections()).toBe(0);
    await expect.poll(connections, within).toBe(4);
  });

  test('takes no connector of another account or with another secret', async () => {
    await start();
    const tunnelId = await makeRoute();
    const connector = { connectorId: 'c', version: 'v', arch: 'a', handle: () => undefined };
    const register = (accountTag: string, secret: string) =>
      simulator.edge.register({ accountTag, tunnelId, tunnelSecret: secret }, connector);
    await expect(register('0'.repeat(32), tunnelSecret)).rejects.toThrow('Unauthorized: Tunnel not found');
    await expect(register(simulator.accountId, `${tunnelSecret}x`)).rejects.toThrow(
      'Unauthorized: Invalid tunnel secret',
    );
    expect(await brief('mustermann.de')).toEqual([530, 'error code: 1033']);
  });

  test('holds up whom the rules of its zone mean, before the site sees them', async () => {
    await start();
    await simulator.control.addZone('mustermann.de', 'active');
    await simulator.control.addRecord('mustermann.de', {
      type: 'A',
      name: 'mustermann.de',
      content: '192.0.2.80',
      proxied: true,
    });
    await simulator.control.setForeignServer('192.0.2.80', { status: 200, body: 'here' });
    const [zone] = await simulator.control.listZones();
    const phase = `/zones/${zone?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
    const expression = 'http.host eq "mustermann.de" and not ip.src in {198.51.100.0/24}';
    await makeApiClient(simulator)('PUT', phase, { rules: [{ action: 'block', expression }] });
    expect((await visit('mustermann.de', { visitor: '198.51.100.7 DE' })).status).toBe(200);
    const blocked = await visit('mustermann.de', { visitor: '203.0.113.7 DE' });
    expect([blocked.status, blocked.text]).toEqual([403, 'Sorry, you have been blocked']);
  });
});
