import type { Operation } from '@berth/contract/operation';
import type { Command } from 'commander';
import { type Ask, makeAsk } from '../api/ask.ts';
import { followOperation } from '../api/follow-operation.ts';
import { Failure } from '../failure.ts';
import { type Environment, readApiSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

/** What a command works with. */
export interface Shell {
  environment: Environment;
  /** what was asked for; nothing else is written there */
  out: Terminal;
  /** progress, questions and failures */
  err: Terminal;
  signal: AbortSignal;
  /** undefined where nobody can answer */
  question: ((text: string) => Promise<string>) | undefined;
}

/** Options that every command has. */
export interface CommonOptions {
  json?: boolean;
}

/** Options of a command that asks for a change. */
export interface ChangeOptions extends CommonOptions {
  wait?: boolean;
  timeout?: number;
}

const DEFAULT_TIMEOUT_SECONDS = 600;

/** A command with the options that every command has. */
export function common(command: Command): Command {
  return command.option('--json', 'write what the API answers, as JSON');
}

/** A command that asks for a change, which can be waited for. */
export function changing(command: Command): Command {
  return common(command)
    .option('-w, --wait', 'wait until it is done, and tell each step')
    .option('--timeout <seconds>', 'how long to wait at most', parseSeconds, DEFAULT_TIMEOUT_SECONDS);
}

/** A command that takes something away. */
export function taking(command: Command): Command {
  return changing(command).option('-y, --yes', 'do not ask');
}

export function askOf({ environment, signal }: Shell): Ask {
  return makeAsk(readApiSettings(environment), signal);
}

export const timeoutMs = ({ timeout = DEFAULT_TIMEOUT_SECONDS }: ChangeOptions) => timeout * 1000;

/** How long something that is still leaving may take, for who waits. */
export const patience = (shell: Shell, options: ChangeOptions) => ({
  patienceMs: options.wait ? timeoutMs(options) : 0,
  onPatience: (why: string) => shell.err.line(shell.err.dim(`  ${why}; asking again until it has gone`)),
});

/**
 * Tells what became of a change: followed to its end with --wait, else that it was asked for.
 * @param begun what is said when nobody waits
 * @param done what is said at the end
 */
export async function tellChange(
  shell: Shell,
  options: ChangeOptions,
  {
    ask,
    operation,
    begun,
    done,
  }: { ask: Ask; operation: Operation; begun: string; done: () => Promise<string> | string },
): Promise<void> {
  const { out, err } = shell;
  if (!options.wait) {
    if (options.json) out.line(JSON.stringify(operation, null, 2));
    else out.line(`${begun}; \`berth site show ${operation.site}\` tells how far it is`);
    return;
  }
  const finished = await followOperation(operation, { ask, terminal: err, timeoutMs: timeoutMs(options) });
  if (options.json) out.line(JSON.stringify(finished, null, 2));
  else out.line(await done());
}

/** Asks whether to go on where somebody can answer. @throws Failure `usage` unless `answer` is typed, or --yes was said */
export async function confirm(shell: Shell, { yes }: { yes?: boolean }, what: string, answer: string): Promise<void> {
  if (yes) return;
  const given = await shell.question?.(`${what}. Type ${answer} to go on: `);
  if (given?.trim() === answer) return;
  throw new Failure({
    ending: 'usage',
    what: given === undefined ? `${what}: nobody was there to say yes` : 'it was not confirmed; nothing was done',
    fix: 'say --yes',
  });
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Failure({ ending: 'usage', what: `--timeout takes a whole number of seconds, not ${text}` });
}

/** A port of the command line. @throws Failure `usage` */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new Failure({ ending: 'usage', what: `the port must be a number such as 3100, not ${text}` });
}
