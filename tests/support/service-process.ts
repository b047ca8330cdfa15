import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { tellWhenFailing } from './log-tails.ts';

/** One service in a process of its own, as `npm start -w services/<name>` runs it. */
export interface ServiceProcess {
  readonly name: string;
  /** every line it has written so far */
  readonly lines: readonly string[];
  start(): Promise<void>;
  /** Ends it without warning. */
  kill(): Promise<void>;
  /** Asks it to end. @returns its exit status */
  stop(): Promise<number | null>;
}

const CLONE = new URL('../../', import.meta.url).pathname;
const START_MS = 180_000;

/** A process of `entry` (a source within the clone, or the path of a built program) with exactly this environment. */
export function serviceProcess(name: string, entry: string, environment: Record<string, string>): ServiceProcess {
  const lines: string[] = [];
  tellWhenFailing(name, lines);
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
    // What it wrote last is read then; what a killed one has started may still hold its output.
    const last = signal === 'SIGKILL' ? 'exit' : 'close';
    const ended = new Promise<number | null>((resolve) => running.once(last, resolve));
    running.kill(signal);
    return ended;
  }

  return {
    name,
    lines,
    async start() {
      const from = lines.length;
      const started = spawn(process.execPath, entry.endsWith('.ts') ? ['--import', 'tsx', entry] : [entry], {
        cwd: CLONE,
        env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      process.once('exit', () => started.kill('SIGKILL'));
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(tail(`${name} did not start in time`))), START_MS);
        const tail = (text: string) => `${text}:\n${lines.slice(from).slice(-20).join('\n')}`;
        const take = (line: string) => {
          lines.push(line);
          if (!line.includes('"msg":"started"')) return;
          clearTimeout(late);
          resolve();
        };
        for (const stream of [started.stdout, started.stderr]) {
          if (stream) createInterface({ input: stream }).on('line', take);
        }
        started.once('close', (code, signal) => {
          clearTimeout(late);
          reject(new Error(tail(`${name} ended (${signal ?? code})`)));
        });
      });
    },
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
