import { BerthError } from '@berth/shared/errors/berth-error';
import type { FleetPosition } from '@berth/shared/store/fleet-events';
import type { RequestPosition } from '@berth/shared/store/read-requests';
import type { Position } from '@berth/shared/store/read-sites';
import { isUuid } from '@berth/shared/store/uuid';

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

/** A place among the events of all sites: the id of an event, too. */
export function toFleetCursor({ xact, siteId, seq }: FleetPosition): string {
  return Buffer.from(`${xact}.${siteId}.${seq}`).toString('base64url');
}

/** @param pointer where it was given. @throws BerthError `request.invalid` when it isn't one of ours */
export function parseFleetCursor(text: string, pointer = '#query/cursor'): FleetPosition {
  const found = /^(\d{1,19})\.([\da-f-]{36})\.(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('utf8'));
  const [, xact, siteId, seq] = found ?? [];
  if (!xact || !siteId || !isUuid(siteId) || !seq) throw foreignCursor(pointer);
  return { xact, siteId, seq: Number(seq) };
}

/** A place among a site's requests. */
export function toRequestCursor({ at, nr }: RequestPosition): string {
  return Buffer.from(`${at}.${nr}`).toString('base64url');
}

/** @throws BerthError `request.invalid` when it isn't one of ours */
export function parseRequestCursor(text: string | undefined): RequestPosition | undefined {
  if (text === undefined) return undefined;
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\.(\d{1,9})$/.exec(
    Buffer.from(text, 'base64url').toString('utf8'),
  );
  const [, at, nr] = found ?? [];
  if (!at || !nr || Number.isNaN(Date.parse(at))) throw foreignCursor();
  return { at, nr: Number(nr) };
}

function foreignCursor(pointer = '#query/cursor'): BerthError {
  return new BerthError('request.invalid', 'the cursor is not one of ours', {
    fields: [{ pointer, detail: 'take it from the Link header or nextCursor of the page before, or from an event' }],
  });
}

/** The `Link` header of a page that has a next one (RFC 8288). */
export function nextLink(url: string, cursor: string): string {
  const next = new URL(url, 'http://api');
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
