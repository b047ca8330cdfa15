import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUpHost } from '@berth/container-worker/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, startEngine } from '../engine/start-engine.ts';

const NETWORKS = ['customer-one', 'customer-two'];
const SCRIPT = fileURLToPath(new URL('../../../scripts/host.ts', import.meta.url));

describe('a teardown of a host', () => {
  let engine: Engine;
  let between: Server;
  /** called after the Engine has removed a network, before the teardown hears of it */
  let afterRemoval: () => void = () => undefined;

  beforeAll(async () => {
    engine = await startEngine();
    between = passOn(engine.socketPath, () => afterRemoval());
    between.listen(at('between.sock'));
    await once(between, 'listening');
  });
  afterAll(async () => {
    between.closeAllConnections();
    between.close();
    await engine.stop();
  });

  const at = (name: string) => path.join(engine.dir, name);
  const rules = () =>
    ['iptables', 'ip6tables'].map((program) => execFileSync(program, ['-w', '-S'], { encoding: 'utf8' })).join('');
  const ours = async () =>
    (await engine.docker.listNetworks()).map(({ Name }) => Name).filter((name) => name.startsWith('customer-'));

  async function setUp(): Promise<void> {
    await setUpHost({ DOCKER_HOST: engine.dockerHost });
    for (const Name of NETWORKS) {
      await engine.docker.createNetwork({ Name, Labels: { 'berth.placement': Name } });
    }
  }

  function tearDown(programs?: string) {
    const PATH = [programs, process.env.PATH].filter((part) => part !== undefined).join(':');
    const env = { ...process.env, PATH, DOCKER_HOST: `unix://${at('between.sock')}` };
    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, 'teardown'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { child, ended: once(child, 'exit').then(([code, signal]) => signal ?? code) };
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await tearDown().ended).toBe(0);
    expect(await ours()).toEqual([]);
    expect(rules()).not.toContain('BERTH');
  }

  test.each([1, 2])('that was killed after network %i keeps the firewall, and the next one ends it', async (nth) => {
    await setUp();
    const { child, ended } = tearDown();
    let removed = 0;
    afterRemoval = () => {
      removed += 1;
      if (removed === nth) child.kill('SIGKILL');
    };
    expect(await ended).toBe('SIGKILL');
    afterRemoval = () => undefined;
    expect(await ours()).toHaveLength(NETWORKS.length - nth);
    expect(rules()).toContain('BERTH-EGRESS');
    await expectNothingLeft();
  });

  test('that was killed after it took one half of the firewall away is ended by the next one', async () => {
    await setUp();
    const programs = at('programs');
    mkdirSync(programs);
    const real = execFileSync('sh', ['-c', 'command -v iptables-restore'], { encoding: 'utf8' }).trim();
    writeFileSync(path.join(programs, 'iptables-restore'), `#!/bin/sh\n${real} "$@"\nkill -9 $PPID\n`);
    chmodSync(path.join(programs, 'iptables-restore'), 0o755);
    expect(await tearDown(programs).ended).toBe('SIGKILL');
    expect(await ours()).toEqual([]);
    await expectNothingLeft();
  });
});

/** Passes everything on to the Engine, and says when a network was removed: before its answer goes back. */
function passOn(socketPath: string, onRemoval: () => void): Server {
  return createServer((asked, answer) => {
    const { method, url: place, headers } = asked;
    const passed = request({ socketPath, method, path: place, headers }, (given) => {
      if (method === 'DELETE' && place?.includes('/networks/')) onRemoval();
      answer.writeHead(given.statusCode ?? 500, given.headers);
      given.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
}
