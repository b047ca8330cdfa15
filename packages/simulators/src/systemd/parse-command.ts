export interface Command {
  verb: string;
  names: string[];
  flags: Set<string>;
  /** asked by `-p` and `--property`; empty for all */
  properties: string[];
  output: string;
  states: string[];
  types: string[];
  signal: string;
}

const switches = new Set([
  'all',
  'failed',
  'force',
  'full',
  'no-block',
  'no-legend',
  'no-pager',
  'no-reload',
  'no-ask-password',
  'no-warn',
  'now',
  'plain',
  'quiet',
  'runtime',
  'system',
  'value',
  'version',
  'wait',
]);
const valued = new Set([
  'property',
  'output',
  'state',
  'type',
  'signal',
  'kill-who',
  'kill-whom',
  'lines',
  'job-mode',
  'legend',
  'timestamp',
]);
const short: Record<string, string> = {
  a: 'all',
  f: 'force',
  l: 'full',
  q: 'quiet',
  p: 'property',
  P: 'property',
  o: 'output',
  t: 'type',
  s: 'signal',
  n: 'lines',
};

/** Reads the words behind `systemctl`. @throws Error in its words for an option that it does not know */
export function parseCommand(words: string[]): Command {
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  const plain: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? /^-([a-zA-Z])(.+)?$/s.exec(word);
    if (match === null) {
      plain.push(word);
      continue;
    }
    const name = word.startsWith('--') ? (match[1] ?? '') : (short[match[1] ?? ''] ?? '');
    if (switches.has(name)) {
      flags.add(name);
    } else if (valued.has(name)) {
      if (match[2] === undefined) {
        index += 1;
      }
      values.set(name, [...(values.get(name) ?? []), match[2] ?? words[index] ?? '']);
      if (word.startsWith('-P')) {
        flags.add('value');
      }
    } else {
      throw new Error(
        word.startsWith('--')
          ? `systemctl: unrecognized option '${word}'`
          : `systemctl: invalid option -- '${match[1]}'`,
      );
    }
  }
  const list = (name: string): string[] =>
    (values.get(name) ?? []).flatMap((value) => value.split(',')).filter((value) => value !== '');
  const [verb = flags.has('version') ? 'version' : 'list-units', ...names] = plain;
  return {
    verb,
    names,
    flags,
    properties: list('property'),
    output: values.get('output')?.at(-1) ?? '',
    states: flags.has('failed') ? ['failed'] : list('state'),
    types: list('type'),
    signal: values.get('signal')?.at(-1) ?? 'SIGTERM',
  };
}
