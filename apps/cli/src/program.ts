import { Command, CommanderError } from 'commander';
import { addDoctor } from './commands/doctor.ts';
import { addHost } from './commands/host.ts';
import type { Shell } from './commands/shell.ts';
import { addSite } from './commands/site.ts';
import { addTunnel } from './commands/tunnel.ts';
import { type Ending, exitStatuses } from './exit-statuses.ts';
import { Failure } from './failure.ts';
import { variables } from './settings.ts';
import { failureLines, failureObject } from './show/failure-lines.ts';

/** All commands of `berth`; nothing is read or done before one of them is run. */
export function makeProgram(shell: Shell, version: string): Command {
  const program = new Command('berth')
    .description('Operate Berth from a shell, over its HTTP API.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show this, or the help of one command')
    .showSuggestionAfterError()
    .addHelpText('after', () => afterHelp());
  addSite(program, shell);
  addTunnel(program, shell);
  addDoctor(program, shell);
  addHost(program, shell);
  everyCommand(program, (command) => prepare(command, shell));
  return program;
}

/** Runs one command line. @returns the exit status; nothing is thrown */
export async function runProgram(shell: Shell, version: string, args: readonly string[]): Promise<number> {
  try {
    await makeProgram(shell, version).parseAsync([...args], { from: 'user' });
    return exitStatuses.ok.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitStatuses.usage.status;
    if (shell.signal.aborted) {
      shell.err.line('interrupted; what was asked for goes on by itself');
      return exitStatuses.interrupted.status;
    }
    return tell(shell, toFailure(error), args.includes('--json'));
  }
}

function tell(shell: Shell, failure: Failure, json: boolean): number {
  const { status } = exitStatuses[failure.ending];
  const lines = json ? [JSON.stringify(failureObject(failure, status))] : failureLines(failure, shell.err);
  for (const line of lines) shell.err.line(line);
  return status;
}

function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const ending: Ending = 'failed';
  return new Failure({ ending, what: 'something unexpected went wrong', why: [String(error)], cause: error });
}

/** What commander says goes where the shell says, and it never ends the process. */
function prepare(command: Command, { out, err }: Shell): void {
  const names: string[] = [];
  for (let at: Command | null = command; at; at = at.parent) names.unshift(at.name());
  const name = names.join(' ');
  command
    .exitOverride()
    .showHelpAfterError(`Usage: ${name} ${command.usage()}\n\`${name} --help\` tells more`)
    .configureHelp({ helpWidth: Math.min(out.width ?? WIDTH, WIDTH) })
    .configureOutput({
      writeOut: (text) => out.line(text.trimEnd()),
      writeErr: (text) => err.line(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, `${err.red('✖')} `)),
    });
}

const WIDTH = 80;

function everyCommand(command: Command, change: (one: Command) => unknown): void {
  change(command);
  for (const one of command.commands) everyCommand(one, change);
}

function afterHelp(): string {
  const list = (rows: [string, string][]) => rows.map(([name, text]) => `  ${name.padEnd(14)} ${text}`).join('\n');
  const statuses = Object.values(exitStatuses).map(({ status, meaning }): [string, string] => [
    String(status),
    meaning,
  ]);
  return `\nEnvironment:\n${list(Object.entries(variables))}\n\nExit status:\n${list(statuses)}`;
}
