/** The settings of a unit in the order they were written: `[section, key, value]`. */
export type Setting = [section: string, key: string, value: string];

/** Reads unit syntax: sections, `Key=value`, comments, lines continued by a backslash. Anything else is left out, as systemd does. */
export function parseUnitText(text: string): Setting[] {
  const settings: Setting[] = [];
  let section = '';
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const trimmed = line.trim();
    const header = /^\[(.+)\]$/.exec(trimmed);
    const equals = trimmed.indexOf('=');
    if (header !== null) {
      section = header[1] ?? '';
    } else if (equals > 0 && !trimmed.startsWith('#') && !trimmed.startsWith(';')) {
      settings.push([section, trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim()]);
    }
  }
  return settings;
}

/** The last value of a key; an empty one counts as none. */
export function findSetting(settings: Setting[], section: string, key: string): string | undefined {
  const value = settings.filter(([where, name]) => where === section && name === key).at(-1)?.[2];
  return value === '' ? undefined : value;
}

/** All values of a key that may be given several times; an empty one forgets those before it. */
export function listSetting(settings: Setting[], section: string, key: string): string[] {
  let values: string[] = [];
  for (const [where, name, value] of settings) {
    if (where === section && name === key) {
      values = value === '' ? [] : [...values, value];
    }
  }
  return values;
}

const unitsMs: Record<string, number> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  seconds: 1000,
  '': 1000,
  m: 60_000,
  min: 60_000,
  minutes: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hours: 3_600_000,
  d: 86_400_000,
};

/** A time span of systemd (`5`, `100ms`, `1min 30s`, `infinity`) in ms; undefined for what is none. */
export function parseTimeSpan(text: string): number | undefined {
  if (text === 'infinity') {
    return Number.POSITIVE_INFINITY;
  }
  const parts = [...text.matchAll(/\s*(\d+(?:\.\d+)?)\s*([a-z]*)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    return undefined;
  }
  return parts.reduce<number | undefined>((sum, [, amount, unit]) => {
    const factor = unitsMs[unit ?? ''];
    return sum === undefined || factor === undefined ? undefined : sum + Number(amount) * factor;
  }, 0);
}

/** A time span as `systemctl show` prints it. */
export function toTimeSpan(ms: number): string {
  if (!Number.isFinite(ms)) {
    return 'infinity';
  }
  const minutes = Math.floor(ms / 60_000);
  const seconds = Math.floor((ms % 60_000) / 1000);
  const rest = Math.round(ms % 1000);
  const parts = [minutes > 0 ? `${minutes}min` : '', seconds > 0 ? `${seconds}s` : '', rest > 0 ? `${rest}ms` : ''];
  return parts.filter((part) => part !== '').join(' ') || '0';
}

/** Splits a command line into words, with quotes as systemd knows them. */
export function splitWords(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)];
  return words.map(([, double, single, bare]) => double?.replace(/\\(.)/g, '$1') ?? single ?? bare ?? '');
}
