import { spawn } from 'node:child_process';

/** What a command came to. */
export interface Ran {
  status: number | null;
  out: string;
  err: string;
}

const CLONE = new URL('../../', import.meta.url).pathname;

/** Runs a program of this clone with exactly this environment, and nobody at its terminal. */
export function run(program: string, args: readonly string[], environment: Record<string, string>): Promise<Ran> {
  const env = { PATH: process.env.PATH ?? '', HOME: '/nowhere', ...environment };
  const child = spawn(program, [...args], { cwd: CLONE, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ran: Ran = { status: null, out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    ran.out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    ran.err += String(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ ...ran, status }));
  });
}
