const HERE = 'https://portal.invalid';

/**
 * A place of this page, never another's: what a link brings along isn't trusted. It is read as a browser reads it, which leaves out tabs and
 * line ends: `/<tab>/evil.example` would lead to that host.
 */
export function isOwnPath(value: unknown): value is string {
  if (typeof value !== 'string' || !value.startsWith('/')) return false;
  return URL.canParse(value, HERE) && new URL(value, HERE).origin === HERE;
}
