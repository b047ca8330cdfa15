import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLinuxNetwork } from './linux-network.ts';

describe('makeLinuxNetwork', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'berth-proc-'));
    writeFileSync(
      path.join(dir, 'tcp'),
      `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0C1C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
   1: 0100007F:0C1D 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
`,
    );
    writeFileSync(
      path.join(dir, 'tcp6'),
      `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000
`,
    );
    writeFileSync(
      path.join(dir, 'route'),
      `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
berth7\t7000C80A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
`,
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('sees what listens, on IPv4 and IPv6, and no connections', async () => {
    expect(await makeLinuxNetwork(dir).listening()).toEqual(new Set([3100, 8080]));
  });

  test('sees the routes without the default one', async () => {
    expect(await makeLinuxNetwork(dir).routes()).toEqual([
      { device: 'eth0', network: '192.168.1.0/24' },
      { device: 'berth7', network: '10.200.0.112/28' },
    ]);
  });

  test('says that it sees nothing where there is nothing to see', async () => {
    const elsewhere = makeLinuxNetwork(path.join(dir, 'none'));
    expect([await elsewhere.listening(), await elsewhere.routes()]).toEqual([undefined, undefined]);
  });
});
