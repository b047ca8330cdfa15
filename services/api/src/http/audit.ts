import type { Route, RouteName } from '@berth/contract/routes';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Log } from '@berth/shared/runtime/log';
import { beginAudit, endAudit, type NewAuditEntry } from '@berth/shared/store/audit';
import type { Database } from '@berth/shared/store/database';
import { findUser } from '@berth/shared/store/operators';
import type { Request, Response } from 'express';
import { readBefore } from './audit-before.ts';
import type { Caller } from './caller.ts';
import { requestIdOf, statusOf } from './problems.ts';

/** What a handler knows of a change beside what was asked for. */
export interface Noted {
  before?: unknown;
  after?: unknown;
  /** who it turned out to be, where nobody had signed in yet */
  actor?: { kind: 'user' | 'customer'; id: string; name: string };
}

/** Notes what a handler knows of the change that its request makes. */
export function note(response: Response, noted: Noted): void {
  response.locals.noted = { ...response.locals.noted, ...noted };
}

/** An order is told by its own rows, with the key that posted it; there are too many of them to tell each twice. Asking for a mail changes nothing. */
const NOT_TOLD: ReadonlySet<RouteName> = new Set<RouteName>(['createOrder', 'sendSignInMail']);

/** `?plan=1` only says what would change, where a route knows it: elsewhere it is anybody's text, and the change is made. */
const isOnlyPlanned = (query: unknown) => (query as { plan?: unknown } | undefined)?.plan === '1';

const SECRET = /pass|secret|token|code|key|env|licen[cs]e|current|new/i;
/** Ids by which Cloudflare's tokens are named, which let nobody in. */
const NAMES: ReadonlySet<string> = new Set(['serviceTokens']);
const MOST_TEXT = 500;
const MOST_DEEP = 4;

/**
 * Writes down a change before it is made, so that none is made unseen by a process that ends in between.
 * @param call its `query` as the route's schema read it: undefined where it takes none
 * @returns what writes down its end, with how it was before: to be called with the status once it is known what came of it, whether or not
 *   anybody is still there to be answered; undefined where nothing is told
 */
export async function beginTelling(
  db: Database,
  log: Log,
  call: { name: RouteName; route: Route; caller: Caller; request: Request; response: Response; query: unknown },
): Promise<((status: number) => void) | undefined> {
  const { name, route, caller, request, response, query } = call;
  if (route.method === 'get' || route.asksOnly || NOT_TOLD.has(name) || isOnlyPlanned(query)) return undefined;
  const id = await beginAudit(db, {
    ...(await actorOf(db, caller)),
    action: name,
    target: Object.values(request.params).join(' ') || null,
    after: withoutSecrets(request.body),
    requestId: requestIdOf(response),
    ipAddress: request.ip ?? null,
  });
  const end = (status: number) => {
    const noted: Noted = response.locals.noted ?? {};
    void endAudit(db, id, { status, ...noted }).catch((error) =>
      log.error(
        { err: messageOf(error), requestId: requestIdOf(response) },
        'the end of a change could not be written down',
      ),
    );
  };
  try {
    const before = await readBefore(db, name, request.params as Record<string, string>, caller);
    if (before !== undefined) note(response, { before: withoutSecrets(before) });
  } catch (error) {
    end(statusOf(error));
    throw error;
  }
  return end;
}

/** Who looks with a customer's eyes does it as themselves. */
export async function actorOf(
  db: Database,
  { kind, id, name, session }: Caller,
): Promise<Pick<NewAuditEntry, 'actorKind' | 'actorId' | 'actorName'>> {
  const adminId = session?.impersonatedBy;
  if (!adminId) return { actorKind: kind, actorId: kind === 'nobody' ? null : id, actorName: name };
  const admin = await findUser(db, adminId);
  return { actorKind: 'user', actorId: `user:${adminId}`, actorName: admin?.email ?? adminId };
}

/** What was sent, with nothing in it that lets anybody in. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, MOST_TEXT);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MOST_DEEP) return '…';
  if (Array.isArray(value)) return value.slice(0, 20).map((one) => withoutSecrets(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([field, one]) => [
      field,
      SECRET.test(field) && !NAMES.has(field) ? '[redacted]' : withoutSecrets(one, depth + 1),
    ]),
  );
}
