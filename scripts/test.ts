import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** A part of the tests that needs something of the machine. */
interface Part {
  name: string;
  /** why it cannot run here; undefined when it can */
  missing: string | undefined;
}

const parts: Part[] = [
  { name: 'unit, integration and end-to-end tests over the simulators, queues on Postgres', missing: undefined },
  {
    name: 'queues on Redis',
    missing: onPath('redis-server')
      ? undefined
      : 'redis-server is not installed (Debian: apt-get install redis-server)',
  },
  {
    name: "the simulator's answers against Cloudflare's own description",
    missing: process.env.CLOUDFLARE_OPENAPI ? undefined : 'CLOUDFLARE_OPENAPI names no file',
  },
];

const status = await runVitest(process.argv.slice(2));
process.stdout.write('\n');
for (const { name, missing } of parts) {
  process.stdout.write(missing ? `not run: ${name}: ${missing}\n` : `run:     ${name}\n`);
}
process.exitCode = status;

/** Vitest in a process of its own; a signal reaches it, and its end is ours. */
function runVitest(args: string[]): Promise<number> {
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((dir) => existsSync(path.join(dir, program)));
}
