import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ownRun } from './own-namespaces.ts';

const MADE_BY_DOCKER = /^(docker0|berth\d+|br-[0-9a-f]+|veth[0-9a-f]+)$/;

/** @returns the run that it belongs to. @throws Error in a network namespace that holds more than ours: dockerd writes its firewall anew */
export function assertOwnNetwork(): string {
  const strangers = interfaces().filter((name) => name !== 'lo' && !MADE_BY_DOCKER.test(name));
  const run = ownRun();
  if (run && strangers.length === 0) return run;
  throw new Error('a daemon of the tests needs namespaces of its own: run `npm run test:real -- FILE`');
}

/** Removes what daemons leave in the namespace when they end: bridges, containers' interfaces, and the rules that belong to them. */
export function clearNetwork(): void {
  for (const name of interfaces().filter((one) => MADE_BY_DOCKER.test(one))) deleteLink(name);
  for (const restore of ['iptables-restore', 'ip6tables-restore']) {
    const empty = ['filter', 'nat', 'mangle', 'raw'].map((table) => `*${table}\nCOMMIT\n`).join('');
    execFileSync(restore, ['-w'], { input: empty });
  }
  for (const iptables of ['iptables', 'ip6tables']) execFileSync(iptables, ['-w', '-P', 'FORWARD', 'ACCEPT']);
}

function deleteLink(name: string): void {
  const { status, stderr } = spawnSync('ip', ['link', 'delete', name], { encoding: 'utf8' });
  if (status !== 0 && interfaces().includes(name)) throw new Error(`ip link delete ${name}: ${stderr.trim()}`);
}

/** The names of the namespace's network interfaces. */
export function interfaces(): string[] {
  const [, , ...lines] = readFileSync('/proc/net/dev', 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.split(':')[0]?.trim() ?? '');
}
