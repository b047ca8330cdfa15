import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { CloudflaredTimings } from '../start-cloudflared.ts';

const BUNDLE = 'cloudflared.cjs';

interface StandIn {
  /** where it's put, from where it may be moved; units with `ProtectHome=` can't read it below /home, /root or /tmp */
  dir: string;
  /** the simulated edge, as `host:port` */
  edge: string;
  /** the Node that runs it, absolute */
  node?: string;
  timings?: Partial<CloudflaredTimings>;
}

/**
 * Installs a cloudflared that connects to a simulated edge, as a program that a real systemd can start.
 * @returns its path, for `CLOUDFLARED_PATH`
 */
export async function installStandIn({ dir, edge, node = process.execPath, timings = {} }: StandIn): Promise<string> {
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile: join(dir, BUNDLE),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  const launcher = join(dir, 'cloudflared');
  writeFileSync(launcher, toLauncher({ node, edge, timings: JSON.stringify(timings) }));
  chmodSync(launcher, 0o755);
  return launcher;
}

/**
 * systemd hears READY=1 only from the unit's main process, so who opens the socket must become Node: Perl, which every Debian has,
 * can do both. The connectors' units forbid memory that is writable and executable, hence no JIT.
 */
function toLauncher({ node, edge, timings }: Record<'node' | 'edge' | 'timings', string>): string {
  return `#!/usr/bin/perl
use strict;
use Socket;
use POSIX;
$^F = 3;
my ($here) = $0 =~ m{^(.*)/};
if (my $path = $ENV{NOTIFY_SOCKET}) {
  $path =~ s/^@/\\0/;
  socket(NOTIFY, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
  connect(NOTIFY, pack_sockaddr_un($path)) or die "connect to $path: $!";
  POSIX::dup2(fileno(NOTIFY), 3) or die "dup2: $!";
}
$ENV{TUNNEL_EDGE} ||= ${quote(edge)};
$ENV{STAND_IN_TIMINGS} ||= ${quote(timings)};
exec ${quote(node)}, '--jitless', '--no-expose-wasm', "$here/${BUNDLE}", @ARGV or die "exec: $!";
`;
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}
