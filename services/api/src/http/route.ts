import type { Route, RouteName } from '@berth/contract/routes';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Log } from '@berth/shared/runtime/log';
import type { Database } from '@berth/shared/store/database';
import express, { type Request, type RequestHandler } from 'express';
import { beginTelling } from './audit.ts';
import { type Authenticate, type Caller, ownerOf } from './caller.ts';
import type { AnyHandler, Handlers } from './handler-types.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { mustOwn } from './must-own.ts';
import type { OpenStreams } from './open-streams.ts';
import { parseInput } from './parse-input.ts';
import { requestIdOf, statusOf } from './problems.ts';

const BODY_LIMIT = '64kb';

interface RouteDeps {
  authenticate: Authenticate;
  handlers: Handlers;
  db: Database;
  log: Log;
  streams: Pick<OpenStreams, 'open'>;
}

/** What runs for one route of the contract: who asks, what is asked, and then its handler. Nothing is read for strangers. */
export function makeRoute(
  name: RouteName,
  route: Route,
  { authenticate, handlers, db, log, streams }: RouteDeps,
): RequestHandler[] {
  const handle = handlers[name] as AnyHandler;
  const mayCall = async (request: Request): Promise<Caller> => {
    const caller = await authenticate(request, route);
    const email = ownerOf(caller);
    if (email && route.customers === 'own') await mustOwn(db, email, request.params as Record<string, string>);
    return caller;
  };
  const identify: RequestHandler = async (request, response, next) => {
    response.locals.route = name;
    response.setHeader('Cache-Control', 'no-store');
    response.locals.caller = await mayCall(request);
    if (route.body) mustBeJson(request);
    next();
  };
  const answer: RequestHandler = async (request, response) => {
    const caller: Caller = response.locals.caller;
    const idempotencyKey = route.idempotent ? parseIdempotencyKey(request.headers['idempotency-key']) : '';
    const params = request.params as Record<string, string>;
    const parsed = {
      query: route.query ? parseInput(route.query, request.query, '#query') : undefined,
      body: route.body ? parseInput(route.body, request.body, '#') : undefined,
    };
    const endTelling = await beginTelling(db, log, { name, route, caller, request, response, query: parsed.query });
    try {
      const result = await handle({
        request,
        response,
        caller,
        openStream: () => streams.open({ caller, site: params.key, stillMay: () => mayCall(request) }),
        requestId: requestIdOf(response),
        idempotencyKey,
        params,
        ...parsed,
      });
      if (result !== undefined) response.status(route.status).json(result);
      endTelling?.(response.statusCode);
    } catch (error) {
      endTelling?.(statusOf(error));
      throw error;
    }
  };
  return route.body ? [identify, express.json({ limit: BODY_LIMIT }), answer] : [identify, answer];
}

function mustBeJson(request: Request): void {
  if (request.is('application/json')) return;
  throw new BerthError('request.unsupported-media-type', 'send a JSON body with Content-Type: application/json');
}
