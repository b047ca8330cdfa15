import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CloudflareSimulator, startCloudflare } from '../cloudflare/start-cloudflare.ts';
import { installStandIn } from '../cloudflared/stand-in/install-stand-in.ts';
import { makeApiClient } from '../testing/make-api-client.ts';
import { visitEdge } from '../testing/visit-edge.ts';

const tunnelSecret = Buffer.alloc(32, 9).toString('base64');
const timings = JSON.stringify({ firstConnectionMs: 1, allConnectionsMs: 4, retryMs: 50 });

let dir: string;
let simulator: CloudflareSimulator;
const servers: Server[] = [];
const started: ChildProcess[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'berth-connectors-'));
  simulator = await startCloudflare({ profile: 'enterprise', connectorHost: '127.0.0.1' });
  await installStandIn({ dir, edge: simulator.connectorAddress });
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  for (const server of servers) server.close();
  await simulator.stop();
  rmSync(dir, { recursive: true });
});

/** A zone whose name leads into a tunnel. */
async function makeRoute(domain: string): Promise<string> {
  const path = `/accounts/${simulator.accountId}/cfd_tunnel`;
  const asked = await makeApiClient(simulator)('POST', path, { name: domain, tunnel_secret: tunnelSecret });
  const tunnelId: string = asked.body.result.id;
  await simulator.control.addZone(domain, 'active');
  const content = `${tunnelId}.cfargotunnel.com`;
  await simulator.control.addRecord(domain, { type: 'CNAME', name: domain, content, proxied: true });
  return tunnelId;
}

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Run {
  child: ChildProcess;
  said(): string;
  ended: Promise<number | null>;
}

/** The stand-in as a process of its own, without its launcher. */
function run(...words: string[]): Run {
  const child = spawn(process.execPath, ['--jitless', '--no-expose-wasm', join(dir, 'cloudflared.cjs'), ...words], {
    env: { TUNNEL_EDGE: simulator.connectorAddress, STAND_IN_TIMINGS: timings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += piece));
  return { child, said: () => said, ended: new Promise((resolve) => child.once('close', resolve)) };
}

/** The words that run a tunnel, with its files written. */
function tunnelWords(tunnelId: string, domain: string, port: number, secret = tunnelSecret): string[] {
  const [config, credentials] = [join(dir, `${domain}.yml`), join(dir, `${domain}.json`)];
  writeFileSync(
    credentials,
    JSON.stringify({ AccountTag: simulator.accountId, TunnelID: tunnelId, TunnelSecret: secret }),
  );
  writeFileSync(
    config,
    `tunnel: ${tunnelId}\nmetrics: 127.0.0.1:0\ngrace-period: 3m\ningress:\n  - hostname: ${domain}\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
  );
  return ['tunnel', '--no-autoupdate', '--config', config, '--credentials-file', credentials, 'run'];
}

const connections = async (tunnelId: string) =>
  (await simulator.control.listTunnels()).find(({ id }) => id === tunnelId)?.connections;
const until = (tunnelId: string, count: number) =>
  expect.poll(() => connections(tunnelId), { timeout: 60_000 }).toBe(count);

async function connected(domain: string, answer: RequestListener): Promise<Run & { tunnelId: string }> {
  const tunnelId = await makeRoute(domain);
  const running = run(...tunnelWords(tunnelId, domain, await listen(answer)));
  await until(tunnelId, 4);
  return { ...running, tunnelId };
}

describe('a connector of another process', () => {
  test('takes what visitors ask of the edge to its origin, bodies and large answers included', async () => {
    const large = 'x'.repeat(3_000_000);
    await connected('large.de', (request, response) => {
      response.writeHead(201, { 'x-host': request.headers.host ?? '' }).end(request.url === '/large' ? large : 'small');
    });
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        visitEdge(simulator, 'large.de', { path: index % 2 === 0 ? '/large' : '/' }),
      ),
    );
    for (const [index, { status, headers, text }] of pages.entries()) {
      expect([status, headers['x-host'], text.length]).toEqual([201, 'large.de', index % 2 === 0 ? 3_000_000 : 5]);
    }
  });

  test('leaves the edge at SIGTERM at once, and ends when what is under way is answered', async () => {
    const open: ServerResponse[] = [];
    const { child, ended, tunnelId } = await connected('slow.de', (_, response) => open.push(response));
    const page = visitEdge(simulator, 'slow.de');
    await expect.poll(() => open.length).toBe(1);
    child.kill('SIGTERM');
    await until(tunnelId, 0);
    expect((await visitEdge(simulator, 'slow.de')).text).toBe('error code: 1033');
    open[0]?.end('slow');
    expect((await page).text).toBe('slow');
    expect(await ended).toBe(0);
  });

  test('is gone from the edge when it is killed, and whoever waited for it hears so', async () => {
    const { child, tunnelId } = await connected('killed.de', () => child.kill('SIGKILL'));
    expect((await visitEdge(simulator, 'killed.de')).status).toBe(502);
    await until(tunnelId, 0);
  });

  test('comes back by itself when the edge drops it, and stays up while the edge is down', async () => {
    const { child, said, tunnelId } = await connected('dropped.de', (_, response) => response.end());
    await simulator.control.dropConnections(tunnelId);
    await until(tunnelId, 4);
    await simulator.control.setEdgeUp(false);
    await expect.poll(said).toContain('edge unreachable');
    expect(child.exitCode).toBeNull();
    await simulator.control.setEdgeUp(true);
    await until(tunnelId, 4);
  });

  test('is not let in with a wrong secret, says so and runs on', async () => {
    const tunnelId = await makeRoute('wrong.de');
    const { child, said } = run(...tunnelWords(tunnelId, 'wrong.de', 1, Buffer.alloc(32, 1).toString('base64')));
    await expect.poll(said, { timeout: 60_000 }).toContain('Unauthorized: Invalid tunnel secret');
    expect(child.exitCode).toBeNull();
  });

  test('ends at once with 1 over what the real one refuses, and says it in its words', async () => {
    const words = tunnelWords('11111111-2222-3333-4444-555555555555', 'refused.de', 1);
    const config = join(dir, 'refused.de.yml');
    const credentials = join(dir, 'refused.de.json');
    const refused = async (how: () => void, given = words): Promise<string> => {
      tunnelWords('11111111-2222-3333-4444-555555555555', 'refused.de', 1);
      how();
      const { ended, said } = run(...given);
      expect(await ended).toBe(1);
      return said();
    };
    const write = (file: string, text: string) => () => writeFileSync(file, text);
    expect(await refused(write(config, 'a: [b'))).toContain('error parsing YAML in config file');
    expect(await refused(write(config, 'tunnel: a\ningress:\n  - hostname: a.de\n    service: http://b\n'))).toContain(
      'The last ingress rule must match all URLs',
    );
    expect(await refused(write(config, 'tunnel: a\ningress:\n  - service: htp:/x\n'))).toContain(
      'htp:/x is an invalid',
    );
    expect(await refused(write(credentials, '{'))).toContain('Invalid JSON when parsing tunnel credentials');
    expect(await refused(() => rmSync(credentials))).toContain("doesn't exist or is not a file");
    expect(await refused(() => undefined, ['tunnel', 'run', '--config', config])).toContain('not defined: -config');
    const port = await listen((_, response) => response.end());
    const busy = () =>
      writeFileSync(config, `tunnel: a\nmetrics: 127.0.0.1:${port}\ningress:\n  - service: http://b\n`);
    expect(await refused(busy)).toContain('address already in use');
  });

  test('that sends something else than a greeting is shown the door', async () => {
    const [host, port] = simulator.connectorAddress.split(':');
    for (const text of [
      'GET / HTTP/1.1\n',
      '{}\n',
      'null\n',
      '{"kind":"visit","visit":"none"}\n',
      'x'.repeat(10_000),
    ]) {
      const socket = connect({ host: host ?? '', port: Number(port) });
      socket.on('error', () => undefined);
      socket.write(text);
      await new Promise((resolve) => socket.once('close', resolve));
    }
  });
});
