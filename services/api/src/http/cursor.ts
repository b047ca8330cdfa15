import { BerthError } from '@berth/shared/errors/berth-error';
import type { Position } from '@berth/shared/store/read-sites';

/** A place in a list, in a form that nobody should read anything into. */
export function toCursor(position: Position): string {
  return Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url');
}

/** @throws BerthError `request.invalid` when it isn't one of ours */
export function parseCursor(text: string | undefined): Position | undefined {
  if (text === undefined) return undefined;
  try {
    const [at, id]: unknown[] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const good =
      typeof at === 'string' && /^[\d :.+-]{10,40}$/.test(at) && typeof id === 'string' && /^[\da-f-]{36}$/.test(id);
    if (good) return { at, id };
  } catch {
    // refused below
  }
  throw foreignCursor();
}

/** A place among a site's events, in the same opaque form. */
export function toSeqCursor(seq: number): string {
  return Buffer.from(`e${seq}`).toString('base64url');
}

/** @returns 0 without a cursor. @throws BerthError `request.invalid` when it isn't one of ours */
export function parseSeqCursor(text: string | undefined): number {
  if (text === undefined) return 0;
  const found = /^e(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('utf8'));
  if (!found) throw foreignCursor();
  return Number(found[1]);
}

function foreignCursor(): BerthError {
  return new BerthError('request.invalid', 'the cursor is not one of ours', {
    fields: [{ pointer: '#query/cursor', detail: 'take it from the Link header or nextCursor of the page before' }],
  });
}

/** The `Link` header of a page that has a next one (RFC 8288). */
export function nextLink(url: string, cursor: string): string {
  const next = new URL(url, 'http://api');
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
