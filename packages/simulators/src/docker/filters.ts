import { EngineError } from './engine-error.ts';
import { toRecord } from './json.ts';

export type Filters = Map<string, string[]>;

/**
 * The `filters` parameter: `{"label":["a=b"]}`, or the older form `{"label":{"a=b":true}}`.
 * @throws EngineError 400 for what is no JSON, and for a filter that the list does not know
 */
export function parseFilters(text: string | null, known: string[]): Filters {
  if (text === null || text === '') {
    return new Map();
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new EngineError(400, `invalid filter: ${text}`);
  }
  const filters = new Map(
    Object.entries(toRecord(parsed)).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(String) : Object.keys(toRecord(value)),
    ]),
  );
  for (const key of filters.keys()) {
    if (!known.includes(key)) {
      throw new EngineError(400, `Invalid filter '${key}'`);
    }
  }
  return filters;
}

/** Every wanted `key` or `key=value` must hold. */
export function matchesLabels(filters: Filters, labels: Record<string, unknown>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const [key = '', ...value] = wanted.split('=');
    return key in labels && (value.length === 0 || String(labels[key]) === value.join('='));
  });
}

/** Any of the values is enough; no values: no limit. */
export function matchesAny(filters: Filters, key: string, test: (wanted: string) => boolean): boolean {
  const wanted = filters.get(key) ?? [];
  return wanted.length === 0 || wanted.some(test);
}

/** Names match as Docker matches them: as a regular expression, with or without the slash. */
export function matchesName(wanted: string, name: string): boolean {
  try {
    const pattern = new RegExp(wanted);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return name.includes(wanted);
  }
}
