import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { exitStatuses } from './exit-statuses.ts';
import { makeProgram, runProgram } from './program.ts';
import { variables } from './settings.ts';
import { testShell } from './testing/test-shell.ts';

const run = async (...args: string[]) => {
  const { shell, out, err } = testShell();
  return { status: await runProgram(shell, '1.2.3', args), out: out(), err: err() };
};

/** Every command that does something, by its whole name. */
function leaves(command: Command, before: string[] = []): { name: string; command: Command }[] {
  const path = [...before, command.name()];
  if (command.commands.length === 0) return [{ name: path.join(' '), command }];
  return command.commands.flatMap((one) => leaves(one, path));
}
const commands = leaves(makeProgram(testShell().shell, '1.2.3'));

describe('berth', () => {
  test.each(commands.map(({ name }) => name))(
    '%s --help fits into 80 columns and tells of its options',
    async (name) => {
      const { status, out, err } = await run(...name.split(' ').slice(1), '--help');
      expect([status, err]).toEqual([0, '']);
      expect(out).toContain(`Usage: ${name} [options]`);
      for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    },
  );

  test('tells of its variables and exit statuses', async () => {
    const { out } = await run('--help');
    for (const name of Object.keys(variables)) expect(out).toContain(name);
    for (const { meaning } of Object.values(exitStatuses)) expect(out).toContain(meaning);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect((await run('--version')).out).toBe('1.2.3\n');
  });

  test.each([
    [['nothing']],
    [['site', 'nothing']],
    [['site', 'show']],
    [['site', 'show', 'a', 'b']],
    [['site', 'list', '--nothing']],
    [['site', 'create', 'c1', '--domain', 'a.de']],
    [['site', 'restart', 'c1', 'everything']],
    [['site', 'deploy', 'c1', 'image', '--timeout', 'soon']],
    [['tunnel', 'create', 'c1', 'a.de', 'port']],
  ])('does nothing when it is told %j, and says how it is called', async (args) => {
    const { status, out, err } = await run(...args);
    expect({ status, out }).toEqual({ status: exitStatuses.usage.status, out: '' });
    expect(err).toMatch(/^✖ /);
  });

  test('names the option whose number is none', async () => {
    const { err } = await run('site', 'protect', 'c1', '--session-hours', 'soon');
    expect(err).toContain('--session-hours takes a whole number, not soon');
  });
});

describe('docs/cli.md', () => {
  const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');

  test('names every command with its arguments and options', () => {
    const missing = commands.flatMap(({ name, command }) => [
      ...(page.includes(`\`${[name, ...command.registeredArguments.map(shown)].join(' ')}`) ? [] : [name]),
      ...command.options.flatMap(({ long }) => (long && page.includes(`\`${long}`) ? [] : [`${name} ${long}`])),
    ]);
    expect(missing).toEqual([]);
  });

  test('names every variable and exit status', () => {
    const missing = [
      ...Object.keys(variables).filter((name) => !page.includes(`\`${name}\``)),
      ...Object.values(exitStatuses)
        .filter(({ status, meaning }) => !page.includes(`| ${status} | ${meaning}`))
        .map(({ status }) => status),
    ];
    expect(missing).toEqual([]);
  });
});

function shown(argument: { required: boolean; name(): string }): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}
