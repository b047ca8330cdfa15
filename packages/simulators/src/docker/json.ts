export type Json = Record<string, unknown>;

/** The value as an object; anything else counts as an empty one, as Docker treats absent sections. */
export function toRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The value as a list; anything else counts as an empty one. */
export function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text; anything else gives the fallback. */
export function toText(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** The value as a number; anything else gives the fallback. */
export function toNumber(value: unknown, fallback = 0): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

/** The entries of an object whose values are text. */
export function toTextMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(toRecord(value)).map(([key, entry]) => [key, toText(entry)]));
}
