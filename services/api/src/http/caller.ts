import type { Scope } from '@berth/contract/scopes';
import { BerthError } from '@berth/shared/errors/berth-error';
import { hashOfApiKey } from '@berth/shared/runtime/api-key';
import type { Clock } from '@berth/shared/runtime/clock';
import { findApiKey } from '@berth/shared/store/api-keys';
import type { Database } from '@berth/shared/store/database';
import type { Request } from 'express';

/** Who makes a request: an API key. */
export interface Caller {
  apiKeyId: string;
  scopes: readonly string[];
}

/** Tells who makes a request. */
export type Authenticate = (request: Request, scopes: readonly Scope[]) => Promise<Caller>;

/** A revoked key works for at most this long. */
const REMEMBERED_MS = 5000;
const REMEMBERED_AT_MOST = 10_000;

/** @returns a function that throws BerthError `auth.required` or `auth.forbidden` */
export function makeAuthenticate(db: Database, clock: Clock): Authenticate {
  const known = new Map<string, { caller: Caller | undefined; untilMs: number }>();

  async function find(key: string): Promise<Caller | undefined> {
    const hash = hashOfApiKey(key);
    const now = clock.monotonicMs();
    const remembered = known.get(hash);
    if (remembered && remembered.untilMs > now) return remembered.caller;
    const row = await findApiKey(db, hash);
    const caller = row && { apiKeyId: row.id, scopes: row.scopes };
    if (known.size > REMEMBERED_AT_MOST) known.clear();
    known.set(hash, { caller, untilMs: now + REMEMBERED_MS });
    return caller;
  }

  return async (request, scopes) => {
    const key = keyOf(request.headers.authorization);
    const caller = key === undefined ? undefined : await find(key);
    if (!caller) throw new BerthError('auth.required', 'send a valid key as Authorization: Bearer <key>');
    const allowed = caller.scopes.includes('admin') || scopes.some((scope) => caller.scopes.includes(scope));
    if (!allowed) throw new BerthError('auth.forbidden', `this takes a key with the scope ${scopes.join(' or ')}`);
    return caller;
  };
}

/** `Bearer <key>`, or the password of `Basic`, which is what a browser can send. */
function keyOf(header: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (header ?? '').split(' ', 2);
  if (scheme.toLowerCase() === 'bearer') return value || undefined;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return password.join(':') || undefined;
}
