import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Engine } from '../../tests/real/engine/start-engine.ts';
import { enter, startHost } from '../../tests/real/systemd/start-host.ts';

/** A machine for many units, whose folders can be written from here. */
export interface UnitHost {
  systemctlPath: string;
  paths: { configDir: string; unitDir: string; cloudflared: string };
}

/** Says that it's ready and sleeps: 900 of anything larger would measure the machine's memory instead of systemd. */
const SLEEPER = `#!/usr/bin/perl
use Socket;
if (my $path = $ENV{NOTIFY_SOCKET}) {
  $path =~ s/^@/\\0/;
  socket(my $notify, AF_UNIX, SOCK_DGRAM, 0) or die $!;
  send($notify, "READY=1\\n", 0, pack_sockaddr_un($path)) or die $!;
}
exec 'sleep', 'infinity';
`;

export async function openUnitHost(engine: Engine): Promise<UnitHost> {
  const at = (name: string) => path.join(engine.dir, name);
  const [binDir, configDir, unitDir] = [at('bin'), at('cloudflared'), at('units')];
  for (const dir of [binDir, configDir, unitDir]) mkdirSync(dir);
  writeProgram(`${binDir}/cloudflared`, SLEEPER);
  const { pid } = await startHost(engine, {
    name: 'host',
    network: 'host',
    binds: [`${binDir}:/opt/bin:ro`, `${configDir}:${configDir}`, `${unitDir}:/etc/systemd/system`],
  });
  const systemctlPath = at('systemctl');
  writeProgram(systemctlPath, `#!/bin/sh\nexec nsenter ${enter(pid).join(' ')} /usr/bin/systemctl "$@"\n`);
  return { systemctlPath, paths: { configDir, unitDir, cloudflared: '/opt/bin/cloudflared' } };
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}
