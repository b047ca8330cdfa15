import { type Cursor, parseCursor } from './journal.ts';

/** What `journalctl` was asked for. */
export interface JournalQuery {
  follow: boolean;
  cursor: Cursor | undefined;
  /** the entry at the cursor itself is left out */
  isAfter: boolean;
  sinceMicros: number | undefined;
  identifiers: string[];
  units: string[];
  output: 'json' | 'cat';
  /** undefined: all */
  outputFields: string[] | undefined;
  /** fields above 4096 bytes too */
  all: boolean;
  quiet: boolean;
  /** the last ones only; undefined: all */
  lines: number | undefined;
}

const switches = new Set(['follow', 'no-tail', 'no-pager', 'all', 'quiet', 'utc', 'system', 'no-hostname']);
const valued = new Set([
  'cursor',
  'after-cursor',
  'since',
  'identifier',
  'unit',
  'output',
  'output-fields',
  'lines',
  'priority',
]);
const short: Record<string, string> = {
  f: 'follow',
  a: 'all',
  q: 'quiet',
  c: 'cursor',
  S: 'since',
  t: 'identifier',
  u: 'unit',
  o: 'output',
  n: 'lines',
};
const FOLLOWED = 10;

/** Reads the words behind `journalctl`. @throws Error in its words for what it doesn't take */
export function parseJournalctl(words: readonly string[], nowMicros: number): JournalQuery {
  const { flags, values } = readOptions(words);
  const last = (name: string) => values.get(name)?.at(-1);
  const starts = ['since', 'cursor', 'after-cursor'].filter((name) => values.has(name));
  if (starts.length > 1) throw new Error('Please specify only one of --since=, --cursor=, and --after-cursor=.');
  const output = last('output') ?? 'short';
  if (output !== 'json' && output !== 'cat') throw new Error(`Unknown output format '${output}'.`);
  const place = last('cursor') ?? last('after-cursor');
  const cursor = place === undefined ? undefined : parseCursor(place);
  if (place !== undefined && !cursor) throw new Error('Failed to seek to cursor: Invalid argument');
  const follow = flags.has('follow');
  return {
    follow,
    cursor,
    isAfter: values.has('after-cursor'),
    sinceMicros: toMicros(last('since'), nowMicros),
    identifiers: values.get('identifier') ?? [],
    units: values.get('unit') ?? [],
    output,
    outputFields: last('output-fields')?.split(','),
    all: flags.has('all'),
    quiet: flags.has('quiet'),
    lines: toLines(last('lines'), follow && !flags.has('no-tail')),
  };
}

function readOptions(words: readonly string[]): { flags: Set<string>; values: Map<string, string[]> } {
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? /^-([a-zA-Z])(.+)?$/s.exec(word);
    if (!match) throw new Error(`Failed to add match '${word}': Invalid argument`);
    const name = word.startsWith('--') ? (match[1] ?? '') : (short[match[1] ?? ''] ?? '');
    if (switches.has(name)) {
      flags.add(name);
      continue;
    }
    const isLong = word.startsWith('--');
    if (!valued.has(name))
      throw new Error(
        isLong ? `journalctl: unrecognized option '${word}'` : `journalctl: invalid option -- '${match[1]}'`,
      );
    if (match[2] === undefined) index += 1;
    const value = match[2] ?? words[index];
    if (value === undefined) throw new Error(`journalctl: option requires an argument -- '${match[1]}'`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { flags, values };
}

const unitsMicros: Record<string, number> = { s: 1e6, min: 6e7, h: 3.6e9, d: 8.64e10 };

function toMicros(text: string | undefined, nowMicros: number): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, unit = ''] = /^-(\d+)(s|min|h|d)$/.exec(text) ?? [];
  const micros = unitsMicros[unit];
  if (amount === undefined || micros === undefined) throw new Error(`Failed to parse timestamp: ${text}`);
  return nowMicros - Number(amount) * micros;
}

function toLines(text: string | undefined, isTail: boolean): number | undefined {
  if (text === undefined) return isTail ? FOLLOWED : undefined;
  if (text === 'all') return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`Failed to parse lines '${text}'`);
  return Number(text);
}
