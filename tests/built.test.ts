import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildServices } from '../scripts/build/build-services.ts';
import { type ApiClient, makeApiClient } from './support/api-client.ts';
import { fetchThroughEdge } from './support/edge.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { openWorld, type World } from './support/world.ts';

const API_URL = 'http://127.0.0.1:18433';
const METRICS_ADDRESS = '127.0.0.1:18434';

let world: World;
let built: string;
let services: ServiceProcess[] = [];
let api: ApiClient;

/** Runs one of the built programs to its end. @returns what it wrote */
async function run(program: string, args: string[], more: Record<string, string> = {}): Promise<string> {
  const env = { ...world.environment, ...more };
  return (await promisify(execFile)(process.execPath, [path.join(built, program), ...args], { env })).stdout.trim();
}

beforeAll(async () => {
  world = await openWorld({ settings: { API_PORT: '18433' } });
  // Not in the clone: what the build forgot would be found there.
  built = path.join(world.dir, 'built');
  const programs = await buildServices(built);
  expect(programs.sort()).toEqual(['healthy', 'host', 'key', 'user', ...readdirSync('services')].sort());
  services = readdirSync('services').map((name) => {
    const more: Record<string, string> = name === 'domain-watcher' ? { METRICS_ADDRESS } : {};
    return serviceProcess(name, path.join(built, `${name}.js`), { ...world.environment, ...more });
  });
  await Promise.all(services.map((service) => service.start()));
  api = makeApiClient(API_URL, await run('key.js', ['create', '--name', 'test', '--scopes', 'admin']));
});

afterAll(async () => {
  const statuses = await Promise.all(services.map((service) => service.stop()));
  await world?.close();
  expect(new Set(statuses)).toEqual(new Set([0]));
});

describe('what `npm run build` makes', () => {
  test('takes an order to a live website, with nothing of the clone but Node', async () => {
    expect((await api.order({ orderId: 'built', domain: 'built.de', customer: { id: 'built' } })).status).toBe(202);
    await api.untilState('built', 'online');
    expect((await fetchThroughEdge(world.environment, 'built.de')).status).toBe(200);
  });

  test.for([
    ['/docs/', 'swagger-ui'],
    ['/docs/swagger-ui-bundle.js', 'SwaggerUIBundle'],
    ['/docs/swagger-ui.css', '.swagger-ui'],
  ] as const)('serves %s', async ([at, word]) => {
    const { status, text } = await api.ask('GET', at);
    expect(status).toBe(200);
    expect(text.toLowerCase()).toContain(word.toLowerCase());
  });

  test('serves the files of the queues page', async () => {
    const { text } = await api.ask('GET', '/admin/queues');
    const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(text) ?? [];
    const [, base = ''] = /<base href="([^"]+)"/.exec(text) ?? [];
    const found = await api.ask('GET', new URL(script, new URL(base, API_URL)).pathname);
    expect(found.status).toBe(200);
    expect(found.headers.get('content-type')).toContain('javascript');
  });

  test('sets a host up and takes it down, without the clone', async () => {
    await expect(run('host.js', ['nonsense'])).rejects.toThrow(/usage: .*host.* setup/);
    await expect(run('host.js', ['teardown'], { EGRESS_ALLOW: 'everything' })).rejects.toThrow('EGRESS_ALLOW');
  });

  test('tells a health check whether a process works', async () => {
    await expect(run('healthy.js', [], { METRICS_ADDRESS })).resolves.toBe('');
    await expect(run('healthy.js', [], { METRICS_ADDRESS: '127.0.0.1:18435' })).rejects.toThrow('127.0.0.1:18435');
  });
});
