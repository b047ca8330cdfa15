import { z } from 'zod';
import type { Scope } from '../scopes.ts';

/**
 * What customers may do who have signed in.
 * - `nothing`
 * - `own`: what the path names, when it's theirs; the answer holds what is for them alone
 * - `listed`: the handler lists what is theirs
 * - `self`: for everybody who has signed in, whichever role: what is about their own account
 * - `anybody`: also for who hasn't signed in
 */
export type CustomerRule = 'nothing' | 'own' | 'listed' | 'self' | 'anybody';

/** One endpoint: its authorization and its description are made from this. */
export interface RouteSpec {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI's way of writing parameters */
  path: string;
  summary: string;
  /** keys need one of these; people who run Berth a role that allows one of them (roles.ts). None: no key and no role will do */
  scopes: readonly Scope[];
  customers: CustomerRule;
  /** a header that must be there */
  idempotent?: boolean;
  /** changes nothing, whatever its method: what is asked for has no place in an address, which is logged */
  asksOnly?: boolean;
  /** names in If-Match the ETag of what it changes */
  ifMatch?: boolean;
  query?: z.ZodObject;
  body?: z.ZodType;
  status: number;
  answer: z.ZodType;
  /** error statuses beyond 400, 401, 403 and 404 */
  errors?: readonly number[];
}

/** What lists take. */
export const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});
/** A page of a list. */
export const listOf = <T extends z.ZodType>(one: T) =>
  z.object({ data: z.array(one), nextCursor: z.string().nullable() });
