import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { setUpHost, tearDownHost } from '@berth/container-worker/host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../support/command.ts';
import { type Engine, startEngine } from '../engine/start-engine.ts';

describe('a host', () => {
  let engine: Engine;
  let environment: Record<string, string>;

  beforeAll(async () => {
    engine = await startEngine({ liveRestore: false });
    environment = { DOCKER_HOST: engine.dockerHost };
  });
  afterAll(() => engine.stop());

  const rules = () =>
    ['iptables', 'ip6tables'].map((program) => execFileSync(program, ['-w', '-S'], { encoding: 'utf8' })).join('');
  const networks = async () => (await engine.docker.listNetworks()).map(({ Name }) => Name);

  test('is set up once, and told what is missing', async () => {
    const missing = 'missing: "live-restore": true in /etc/docker/daemon.json';
    expect(await setUpHost(environment)).toEqual(['the firewall was put in place', missing]);
    expect(await setUpHost(environment)).toEqual(['the firewall stands already', missing]);
    expect(rules()).toContain('BERTH-EGRESS');
  });

  test('says which settings it cannot read', async () => {
    await expect(setUpHost({ ...environment, EGRESS_ALLOW: 'everything' })).rejects.toThrow('EGRESS_ALLOW');
  });

  test('is left without a trace of Berth, and with everything of others', async () => {
    const Labels = { 'berth.placement': 'p' };
    await engine.docker.createNetwork({ Name: 'customer-gone', Labels });
    await engine.docker.createNetwork({ Name: 'somebody' });
    execFileSync('iptables', ['-w', '-A', 'INPUT', '-s', '192.0.2.1', '-j', 'DROP']);
    expect(await tearDownHost(environment)).toEqual([
      'network customer-gone was removed',
      'the firewall was taken away',
    ]);
    expect(await networks()).toEqual(expect.arrayContaining(['bridge', 'host', 'none', 'somebody']));
    expect(await networks()).not.toContain('customer-gone');
    expect(rules()).not.toContain('BERTH');
    expect(rules()).toContain('192.0.2.1');
    expect(await tearDownHost(environment)).toEqual(['there was no firewall']);
  });

  test('is set up and left by `berth host`, which says what it cannot do', async () => {
    const berth = (command: string, more: Record<string, string> = {}) =>
      run(process.execPath, ['apps/cli/bin/berth.mjs', 'host', command], { ...environment, ...more });
    const setUp = await berth('setup');
    expect(setUp, setUp.err).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^the firewall was put in place\n/),
    });
    expect(rules()).toContain('BERTH-EGRESS');
    expect(await berth('teardown')).toEqual({ status: 0, out: 'the firewall was taken away\n', err: '' });
    expect(rules()).not.toContain('BERTH');
    const refused = await berth('setup', { EGRESS_ALLOW: 'everything' });
    expect([refused.status, refused.out]).toEqual([78, '']);
    expect(refused.err).toContain('EGRESS_ALLOW');
    const away = await berth('teardown', { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect([away.status, away.out]).toEqual([1, '']);
    expect(away.err).toContain('taking the firewall of this host away');
  });

  test('keeps its firewall while containers of Berth are on it', async () => {
    await setUpHost(environment);
    const empty = await engine.docker.importImage(Readable.from(Buffer.alloc(1024)), { repo: 'empty', tag: '1' });
    await new Promise((resolve) => engine.docker.modem.followProgress(empty, resolve));
    const options = { Image: 'empty:1', Cmd: ['x'], Labels: { 'berth.placement': 'p' } };
    await engine.docker.createContainer({ name: 'customer-one', ...options });
    await expect(tearDownHost(environment)).rejects.toThrow('customer-one');
    expect(rules()).toContain('BERTH-EGRESS');
  });
});
