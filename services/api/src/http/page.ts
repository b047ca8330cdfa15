import { nextLink } from './cursor.ts';
import type { Call } from './handler-types.ts';

/** A page of a list, with the address of the next one. */
export function page<T>(call: Call, data: T[], nextCursor: string | null): { data: T[]; nextCursor: string | null } {
  if (nextCursor) call.response.setHeader('Link', nextLink(call.request.originalUrl, nextCursor));
  return { data, nextCursor };
}
