import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this clone that runs beside the measurement. */
export interface BenchProcess {
  /** the first line of its output that `ready` found something in */
  ready: string;
  pid: number;
  /** the last lines that it wrote */
  said(): readonly string[];
  stop(): Promise<void>;
}

const CLONE = fileURLToPath(new URL('..', import.meta.url));

/** Starts `entry` and waits until one of its lines says that it's ready. @throws Error with its last lines when it ends before */
export async function startBenchProcess(
  entry: string,
  environment: Record<string, string>,
  ready: (line: string) => string | undefined,
  nodeOptions: readonly string[] = [],
): Promise<BenchProcess> {
  const child = spawn(
    process.execPath,
    [...nodeOptions, ...(entry.endsWith('.ts') ? ['--import', 'tsx'] : []), entry],
    {
      cwd: CLONE,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const said: string[] = [];
  const found = await firstLine(child, entry, ready, said);
  return {
    ready: found,
    pid: child.pid ?? 0,
    said: () => [...said],
    async stop() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function firstLine(
  child: ChildProcess,
  entry: string,
  ready: (line: string) => string | undefined,
  said: string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        said.splice(0, Math.max(0, said.length - 20));
        said.push(line);
        const found = ready(line);
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`${entry} ended (${code}):\n${said.join('\n')}`)));
  });
}
