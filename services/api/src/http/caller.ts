import { scopesOfRole } from '@berth/contract/roles';
import type { Route } from '@berth/contract/routes';
import type { Scope } from '@berth/contract/scopes';
import { BerthError } from '@berth/shared/errors/berth-error';
import { hashOfApiKey } from '@berth/shared/runtime/api-key';
import type { Clock } from '@berth/shared/runtime/clock';
import { findApiKey } from '@berth/shared/store/api-keys';
import type { Database } from '@berth/shared/store/database';
import type { Request } from 'express';
import type { FindSession, SignedIn } from '../sign-in/find-session.ts';
import { mustComeFromHere } from './origin.ts';

/** Who makes a request: an API key, somebody who has signed in, or anybody where anybody may. */
export interface Caller {
  /** as rows remember who asked for something: a key's id, or `user:<id>` */
  id: string;
  name: string;
  kind: 'api-key' | 'user' | 'customer' | 'nobody';
  scopes: readonly string[];
  session?: SignedIn;
}

/** What of a route decides who may call it. */
export type Access = Pick<Route, 'scopes' | 'customers' | 'method' | 'idempotent' | 'asksOnly'> & {
  path?: string;
  /** for people, in place of `scopes` */
  peopleScopes?: readonly Scope[];
};

/** Tells who makes a request. */
export type Authenticate = (request: Request, access: Access) => Promise<Caller>;

/** A revoked key works for at most this long. */
const REMEMBERED_MS = 5000;
const REMEMBERED_AT_MOST = 10_000;
const NOBODY: Caller = { id: 'nobody', name: 'nobody', kind: 'nobody', scopes: [] };

interface Deps {
  db: Database;
  clock: Clock;
  findSession: FindSession;
  /** where people open the portal */
  publicUrl: string;
}

/** @returns a function that throws BerthError `auth.required` or `auth.forbidden` */
export function makeAuthenticate({ db, clock, findSession, publicUrl }: Deps): Authenticate {
  const known = new Map<string, { caller: Caller | undefined; untilMs: number }>();

  async function findKey(key: string): Promise<Caller | undefined> {
    const hash = hashOfApiKey(key);
    const now = clock.monotonicMs();
    const remembered = known.get(hash);
    if (remembered && remembered.untilMs > now) return remembered.caller;
    const row = await findApiKey(db, hash);
    const caller: Caller | undefined = row && { id: row.id, name: row.name, kind: 'api-key', scopes: row.scopes };
    if (known.size > REMEMBERED_AT_MOST) known.clear();
    known.set(hash, { caller, untilMs: now + REMEMBERED_MS });
    return caller;
  }

  return async (request, access) => {
    const key = keyOf(request.headers.authorization);
    if (key !== undefined) {
      const caller = await findKey(key);
      if (!caller) throw new BerthError('auth.required', 'send a valid key as Authorization: Bearer <key>');
      return mayKey(caller, access);
    }
    const session = await findSession(request);
    // Also where anybody may: a foreign page must not sign a browser in as somebody else.
    if (request.method !== 'GET' && request.method !== 'HEAD')
      mustComeFromHere(request, publicUrl, session !== undefined);
    if (session) return maySession(toCaller(session), session, access);
    if (access.customers === 'anybody') return NOBODY;
    throw new BerthError('auth.required', 'sign in, or send a valid key as Authorization: Bearer <key>');
  };
}

/** The address by which a customer has signed in: only what is theirs is for them. Undefined for everybody else. */
export function ownerOf({ kind, session }: Caller): string | undefined {
  return kind === 'customer' ? session?.user.email : undefined;
}

function toCaller(session: SignedIn): Caller {
  const { id, email, role } = session.user;
  const kind = role === 'customer' ? 'customer' : 'user';
  return { id: `user:${id}`, name: email, kind, scopes: scopesOfRole[role], session };
}

/** Keys do what their scopes say; what belongs to a person takes a person. */
function mayKey(caller: Caller, { scopes, customers }: Access): Caller {
  if (customers === 'anybody') return caller;
  if (caller.scopes.includes('admin') && scopes.length > 0) return caller;
  if (scopes.some((scope) => caller.scopes.includes(scope))) return caller;
  const what =
    scopes.length > 0 ? `a key with the scope ${scopes.join(' or ')}` : 'somebody who has signed in, not a key';
  throw new BerthError('auth.forbidden', `this takes ${what}`);
}

/** People do what their role allows, customers what the route gives them of their own. */
function maySession(caller: Caller, session: SignedIn, access: Access): Caller {
  const { scopes, customers, idempotent, peopleScopes = scopes } = access;
  if (customers === 'anybody') return caller;
  if (session.impersonatedBy !== null) mustOnlyLook(access);
  if (customers === 'self') return caller;
  if (session.user.role === 'customer') {
    if (customers === 'own' || customers === 'listed') return caller;
    throw new BerthError('auth.forbidden', 'this is not for customers');
  }
  mustHaveSecondFactor(session);
  if (idempotent) throw new BerthError('auth.forbidden', 'this takes an API key');
  if (peopleScopes.some((scope) => caller.scopes.includes(scope))) return caller;
  throw new BerthError('auth.forbidden', `the role ${session.user.role} does not allow this`);
}

/** Ends of looking with the eyes of a customer. */
const ENDS: readonly (string | undefined)[] = ['/v1/impersonation', '/v1/session'];

function mustOnlyLook({ method, path, asksOnly }: Access): void {
  if (method === 'get' || asksOnly || (method === 'delete' && ENDS.includes(path))) return;
  throw new BerthError('auth.forbidden', 'who sees this with the eyes of a customer changes nothing');
}

/** A link that was made on the server itself stands for a second factor: who made it could have read everything. */
function mustHaveSecondFactor({ user, signedInBy }: SignedIn): void {
  if (user.hasSecondFactor || signedInBy === 'link') return;
  throw new BerthError('auth.second-factor-missing', 'enrol a second factor first: POST /v1/me/second-factor');
}

/** `Bearer <key>`, or the password of `Basic`, which is what a browser can send. */
function keyOf(header: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (header ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return value || undefined;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return password.join(':') || undefined;
}
