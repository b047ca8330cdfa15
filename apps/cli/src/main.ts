import { createInterface } from 'node:readline/promises';
import packageJson from '../package.json' with { type: 'json' };
import type { Shell } from './commands/shell.ts';
import { runProgram } from './program.ts';
import { makeTerminal } from './terminal.ts';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
// Whoever reads may have seen enough: `berth site list | head -1`.
process.stdout.on('error', () => process.exit(0));

async function question(text: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(text, { signal: stopping.signal });
  } finally {
    lines.close();
  }
}

const shell: Shell = {
  environment: process.env,
  out: makeTerminal(process.stdout, process.env),
  err: makeTerminal(process.stderr, process.env),
  signal: stopping.signal,
  question: process.stdin.isTTY ? question : undefined,
};

process.exitCode = await runProgram(shell, packageJson.version, process.argv.slice(2));
