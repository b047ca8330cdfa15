import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type SystemdOptions, type SystemdSimulator, startSystemd } from '../systemd/start-systemd.ts';
import { makeTestEdge, type TestEdge } from './make-test-edge.ts';

export const tunnelId = '11111111-2222-3333-4444-555555555555';
export const tunnelSecret = Buffer.alloc(32, 7).toString('base64');

/** A tunnel's files as a test wants them. */
export interface Written {
  /** of the origin */
  port?: number;
  metrics?: number;
  type?: string;
  /** further lines of `[Service]` */
  more?: string;
  /** lines of `[Unit]` */
  unit?: string;
  tunnelSecret?: string;
  /** the whole configuration instead of the usual one */
  yaml?: string;
}

export interface Called {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

/** A simulated systemd in a directory of its own. */
export interface SystemdBench {
  root: string;
  unitDir: string;
  tunnelDir: string;
  edge: TestEdge;
  systemd: SystemdSimulator;
  /** Starts it again, after `systemd.stop()`. */
  start(options?: Partial<SystemdOptions>): void;
  systemctl(...words: string[]): Promise<Called>;
  writeTunnel(id: string, written: Written): void;
  /** Properties of a tunnel's unit, as `show` prints them. */
  properties(id: string, ...names: string[]): Promise<Record<string, string>>;
  close(): void;
}

export const unitOf = (id: string): string => `cloudflared-customer-${id}.service`;

/** Starts a systemd whose units can run connectors to an edge of the test's own. */
export function openSystemdBench(): SystemdBench {
  const root = mkdtempSync(join(tmpdir(), 'berth-systemd-'));
  const [unitDir, tunnelDir] = [join(root, 'units'), join(root, 'tunnels')];
  const edge = makeTestEdge(tunnelSecret);
  const timings = { firstConnectionMs: 5, allConnectionsMs: 20, retryMs: 50 };
  const begin = (options: Partial<SystemdOptions> = {}): SystemdSimulator =>
    startSystemd({ unitDir, runDir: join(root, 'run'), edge, timings, ...options });
  const systemctl = async (...words: string[]): Promise<Called> => {
    const { stdout, stderr, exitCode } = await execa(bench.systemd.systemctlPath, words, {
      reject: false,
      timeout: 20_000,
    });
    return { stdout, stderr, exitCode };
  };
  const bench: SystemdBench = {
    root,
    unitDir,
    tunnelDir,
    edge,
    systemd: begin(),
    start: (options) => {
      bench.systemd = begin(options);
    },
    systemctl,
    writeTunnel: (id, written) => writeFiles(bench, id, written),
    properties: async (id, ...names) => {
      const { stdout } = await systemctl('show', unitOf(id), '-p', names.join(','));
      return Object.fromEntries(
        stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
    },
    close: () => {
      bench.systemd.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
  return bench;
}

function writeFiles({ tunnelDir, unitDir, systemd }: SystemdBench, id: string, written: Written): void {
  const { port = 1, metrics = 0, type = 'simple', more = '', unit = '', yaml } = written;
  mkdirSync(tunnelDir, { recursive: true });
  const file = join(tunnelDir, `customer-${id}`);
  const credentials = { AccountTag: 'a', TunnelID: tunnelId, TunnelSecret: written.tunnelSecret ?? tunnelSecret };
  writeFileSync(`${file}.json`, JSON.stringify(credentials));
  writeFileSync(
    `${file}.yml`,
    yaml ??
      `tunnel: ${tunnelId}\nmetrics: 127.0.0.1:${metrics}\ngrace-period: 2s\ningress:\n` +
        `  - hostname: ${id}.de\n    path: ^/\\.well-known/berth/x$\n    service: http_status:204\n` +
        `  - hostname: ${id}.de\n    service: http://localhost:${port}\n  - service: http_status:404\n`,
  );
  writeFileSync(
    join(unitDir, unitOf(id)),
    `[Unit]\nDescription=Cloudflare Tunnel for Customer ${id}\n${unit}\n[Service]\nType=${type}\n` +
      `LoadCredential=config.yml:${file}.yml\nLoadCredential=tunnel.json:${file}.json\n` +
      `ExecStart=${systemd.cloudflaredPath} tunnel --no-autoupdate --config %d/config.yml --credentials-file %d/tunnel.json run\n` +
      `Restart=always\nRestartSec=50ms\n${more}\n[Install]\nWantedBy=multi-user.target\n`,
  );
}
