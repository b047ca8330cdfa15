import type { CallAnswer } from './answer.ts';
import { toAnswer } from './answer.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { type JournalQuery, parseJournalctl } from './parse-journalctl.ts';
import type { Stream } from './serve-calls.ts';
import { matchesPattern } from './unit-manager.ts';

const LONGEST_FIELD = 4096;

/** Does what the words behind `journalctl` ask; with `--follow` the answer goes on. */
export function runJournalctl(journal: Journal, words: readonly string[], nowMicros: number): CallAnswer | Stream {
  let query: JournalQuery;
  try {
    query = parseJournalctl(words, nowMicros);
  } catch (error) {
    return toAnswer({ err: [error instanceof Error ? error.message : String(error)], exitCode: 1 });
  }
  const units = unitsOf(journal, query.units);
  const isWanted = (entry: JournalEntry) => matches(entry, query, units);
  const text = (entry: JournalEntry) => `${show(journal, entry, query)}\n`;
  const look = (): JournalEntry[] => {
    const found = journal
      .from(query.cursor)
      .filter((entry) => entry.micros >= (query.sinceMicros ?? 0) && isWanted(entry));
    const wanted = found.slice(query.isAfter ? 1 : 0);
    return query.lines === undefined ? wanted : wanted.slice(Math.max(0, wanted.length - query.lines));
  };
  if (query.follow) {
    return {
      // Looked at when the stream is open: what is written until then would be neither among these nor followed.
      stream(write) {
        for (const entry of look()) write(text(entry));
        return journal.follow((entry) => {
          if (isWanted(entry)) write(text(entry));
        });
      },
    };
  }
  const shown = look();
  const isEmpty = shown.length === 0 && query.output !== 'json' && !query.quiet;
  return {
    ...toAnswer(isEmpty ? { out: ['-- No entries --'] } : {}),
    ...(!isEmpty && { stdout: shown.map(text).join('') }),
  };
}

/** What a pattern stands for is looked up once, among the units that are in the journal by then. */
function unitsOf(journal: Journal, patterns: readonly string[]): ReadonlySet<string> | undefined {
  if (patterns.length === 0) return undefined;
  const there = new Set(journal.from().flatMap(({ fields }) => [fields._SYSTEMD_UNIT ?? '', fields.UNIT ?? '']));
  const isPattern = (name: string) => /[*?[]/.test(name);
  return new Set(
    patterns.flatMap((name) => (isPattern(name) ? [...there].filter((unit) => matchesPattern(unit, name)) : [name])),
  );
}

function matches({ fields }: JournalEntry, query: JournalQuery, units: ReadonlySet<string> | undefined): boolean {
  const isOfUnit =
    !units || units.has(fields._SYSTEMD_UNIT ?? '') || (fields._PID === '1' && units.has(fields.UNIT ?? ''));
  return isOfUnit && (query.identifiers.length === 0 || query.identifiers.includes(fields.SYSLOG_IDENTIFIER ?? ''));
}

function show(journal: Journal, entry: JournalEntry, { output, outputFields, all }: JournalQuery): string {
  if (output === 'cat') return entry.fields.MESSAGE ?? '';
  const fields = Object.entries(entry.fields).filter(([name]) => !outputFields || outputFields.includes(name));
  const shown = fields.map(([name, value]): [string, unknown] => [
    name,
    all || value.length < LONGEST_FIELD ? toJson(value) : null,
  ]);
  return JSON.stringify({ ...journal.addressOf(entry), ...Object.fromEntries(shown) });
}

/** What a terminal wouldn't print as it is comes as its bytes. */
function toJson(value: string): string | number[] {
  const isPrintable = [...value].every((character) => character === '\t' || character === '\n' || character >= ' ');
  return isPrintable ? value : [...Buffer.from(value)];
}
