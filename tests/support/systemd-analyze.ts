import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Why systemd can't judge units here; undefined when it can. It looks for the programs that units name where a host has them. */
export function whyNoSystemdAnalyze(): string | undefined {
  if (!existsSync('/usr/bin/node')) return 'Node is not at /usr/bin/node, where the units of deploy/systemd have it';
  const { status } = spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
  return status === 0 ? undefined : 'systemd-analyze is not installed (Debian: apt-get install systemd)';
}
