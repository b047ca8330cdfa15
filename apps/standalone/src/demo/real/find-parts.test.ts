import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findParts } from './find-parts.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'berth-parts-'));
  mkdirSync(path.join(dir, 'units'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const look = (changes: Partial<Parameters<typeof findParts>[0]> = {}) =>
  findParts({
    dockerHost: `unix://${dir}/none.sock`,
    bootedDir: dir,
    perl: dir,
    uid: 0,
    unitDir: path.join(dir, 'units'),
    tunnelDir: '/var/lib/berth-demo/tunnels',
    ...changes,
  });
const why = async (part: 'docker' | 'systemd', changes?: Parameters<typeof look>[0]) => {
  const found = (await look(changes))[part];
  return 'missing' in found ? found.missing : '';
};
const writeUnit = (name: string, config: string) =>
  writeFileSync(path.join(dir, 'units', name), `[Service]\nExecStartPre=+/usr/bin/install ${config} %t/x/\n`);

describe('findParts', () => {
  test("says why this machine's Docker can't be used", async () => {
    expect(await why('docker')).toContain('nothing answers at unix://');
    expect(await why('docker', { dockerHost: 'tcp://10.0.0.1:2375' })).toContain("another machine's");
  });

  test("says why this machine's systemd can't be used", async () => {
    expect(await why('systemd', { bootedDir: path.join(dir, 'none') })).toContain('not booted by one');
    expect(await why('systemd', { uid: 1000 })).toContain('sudo npm run demo -- --real');
    expect(await why('systemd', { perl: path.join(dir, 'none') })).toContain('stand-in');
  });

  test("leaves a machine alone that has connectors of others, and takes the demo's own for its own", async () => {
    writeUnit('cloudflared-customer-a.service', '/var/lib/berth-demo/tunnels/customer-a.yml');
    writeUnit('nginx.service', '/etc/nginx');
    expect(await why('systemd')).not.toContain('connectors');
    writeUnit('cloudflared-customer-b.service', '/etc/cloudflared/customer-b.yml');
    expect(await why('systemd')).toContain('such as cloudflared-customer-b.service');
  });
});
