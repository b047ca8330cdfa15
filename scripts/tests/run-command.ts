import { spawn } from 'node:child_process';

/** Runs a command with our terminal; a signal reaches it, and its end is ours. @returns its exit status */
export function runCommand({
  command,
  args,
  env,
}: {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
}): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}
