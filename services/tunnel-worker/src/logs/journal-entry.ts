import { siteKeyOfUnit } from '@berth/shared/domain/names';
import type { LogStream } from '@berth/shared/store/site-logs';

/** An entry of the host's journal. */
export interface JournalEntry {
  /** the journal's own name of its place */
  cursor: string;
  /** ISO 8601 */
  at: string;
  /** whose tunnel it tells of; undefined where it's of something else */
  siteKey: string | undefined;
  /** where systemd itself says something of the unit: `systemd` */
  stream: LogStream;
  text: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a line of `journalctl --output=json`. Whose it is goes by `_SYSTEMD_UNIT`, and for systemd's own words by `UNIT` where its
 * process is the first one: fields that begin with `_` are set by the journal, so that no program can speak in another's name.
 * @returns undefined for what is no such line
 */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  const fields = parse(line);
  const [cursor, micros] = [fields?.__CURSOR, fields?.__REALTIME_TIMESTAMP];
  if (!fields || typeof cursor !== 'string' || !/^\d{1,17}$/.test(String(micros))) return undefined;
  const isSystemd = textOf(fields._PID) === '1';
  return {
    cursor,
    at: new Date(Number(micros) / 1000).toISOString(),
    siteKey: siteKeyOfUnit(textOf(isSystemd ? fields.UNIT : fields._SYSTEMD_UNIT)),
    stream: isSystemd ? 'systemd' : 'stderr',
    text: textOf(fields.MESSAGE),
  };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A field is a text, an array of bytes where it isn't printable, or, where an entry has it more than once, an array of those. */
function textOf(field: unknown): string {
  if (typeof field === 'string') return withoutNul(field);
  if (!Array.isArray(field)) return '';
  if (field.every((byte) => typeof byte === 'number')) return withoutNul(Buffer.from(field).toString('utf8'));
  return textOf(field[0]);
}

/** Postgres takes no NUL. */
const withoutNul = (text: string) => text.replaceAll('\0', '\u{fffd}');
