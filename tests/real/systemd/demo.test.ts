import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startEngine } from '../engine/start-engine.ts';
import { NODE, type Ran, type SystemdHost, startHost } from './start-host.ts';

const CLONE = fileURLToPath(new URL('../../../', import.meta.url));
const DEMO_MS = 500_000;
const UNIT = 'cloudflared-customer-customer_123.service';

let engine: Engine;
let host: SystemdHost;
beforeAll(async () => {
  engine = await startEngine();
  host = await startHost(engine, {
    name: 'host',
    network: 'host',
    // Where a machine's Docker is looked for.
    binds: [`${CLONE}:${CLONE}:ro`, `${engine.socketPath}:/var/run/docker.sock`],
  });
});
afterAll(() => engine?.stop());

function demo(...options: string[]): Promise<Ran> {
  const command = `cd ${CLONE} && BERTH_DATA_DIR=/var/lib/demo-data exec "$@"`;
  const args = ['--import', 'tsx', 'apps/standalone/src/demo/main.ts', '--real', '--once', '--json', ...options];
  return host.runFor(DEMO_MS, 'sh', '-c', command, 'demo', NODE, ...args);
}

/** What there is on the machine that a demo could have left, besides its data and the image that they name. */
async function left(): Promise<string> {
  const units = await host.run('systemctl', 'list-units', 'cloudflared-*', '--all', '--plain', '--no-legend');
  const files = await host.run('find', '/etc/systemd/system', '/run', '-name', '*cloudflared-customer*');
  const state = await host.run('find', '/var/lib', '-maxdepth', '1', '-name', 'berth*');
  const containers = await engine.docker.listContainers({ all: true, filters: { label: ['berth.site'] } });
  const networks = await engine.docker.listNetworks({ filters: { label: ['berth.site'] } });
  const texts = [units, files, state].map(({ stdout }) => stdout).join('');
  return `${texts}${[...containers, ...networks].map(({ Id }) => Id).join()}`;
}

describe('npm run demo -- --real', () => {
  test("takes orders on this machine's Docker and systemd, says so, and leaves nothing of it there", async () => {
    const { exitCode, stdout, stderr } = await demo('--fresh', '--orders', '2');
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, sites: [{ status: 200 }, { status: 200 }] });
    expect(stderr).toMatch(/Docker +✓? ?this machine's, version \d/);
    expect(stderr).toMatch(/systemd +✓? ?this machine's, version \d/);
    expect(stderr).toMatch(/cloudflared .*stand-in/);
    const { stdout: journal } = await host.run('journalctl', '-u', UNIT, '--output=cat');
    expect(journal).toContain('Registered tunnel connection');
    expect(await left()).toBe('');
  });

  test('goes on there the next time', async () => {
    const { exitCode, stderr } = await demo('--orders', '2');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('answered as before, live since');
    expect(await left()).toBe('');
  });

  test('simulates a systemd where connectors of others run, and leaves them alone', async () => {
    const unit = '/etc/systemd/system/cloudflared-customer-theirs.service';
    await host.run('sh', '-c', `printf '[Service]\\nExecStart=/bin/true\\n' > ${unit}`);
    const { exitCode, stderr } = await demo('--fresh', '--orders', '1');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/systemd .*simulated, since .*cloudflared-customer-theirs\.service/);
    expect((await host.run('cat', unit)).stdout).toContain('/bin/true');
  });
});
