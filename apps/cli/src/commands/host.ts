import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { exitStatuses } from '../exit-statuses.ts';
import { Failure } from '../failure.ts';
import type { Shell } from './shell.ts';

/** A program of its own, since the command itself knows the API alone; in an installation it's `host.js`. */
const CLONE = fileURLToPath(new URL('../../../../', import.meta.url));
const PROGRAM = ['--import', 'tsx', 'scripts/host.ts'];

/** Adds `berth host …`: what is done on the machine itself, with the container-worker's settings. */
export function addHost(program: Command, shell: Shell): void {
  const host = program.command('host').description('set up the machine that this runs on, or take that back');

  host
    .command('setup')
    .description("put the firewall of this host's containers in place, and say what is missing")
    .action(() => tend(shell, 'setup', 'setting this host up'));

  host
    .command('teardown')
    .description('take the firewall away, and networks of Berth that nothing hangs on')
    .action(() => tend(shell, 'teardown', 'taking the firewall of this host away'));
}

/** @throws Failure `config`, or `failed` with the reason */
async function tend({ environment, out }: Shell, what: 'setup' | 'teardown', doing: string): Promise<void> {
  const child = spawn(process.execPath, [...PROGRAM, what], {
    cwd: CLONE,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [status, done, why] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  for (const line of linesOf(done)) out.line(line);
  if (status === 0) return;
  throw new Failure({
    ending: status === exitStatuses.config.status ? 'config' : 'failed',
    what: doing,
    why: linesOf(why),
  });
}

const linesOf = (written: string) => written.split('\n').filter(Boolean);
