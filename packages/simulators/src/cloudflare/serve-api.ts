import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { accessRoutes } from './access/access-routes.ts';
import type { Account } from './account.ts';
import { accountRoutes } from './account-routes.ts';
import { analyticsRoutes } from './analytics/analytics-routes.ts';
import { ApiError, couldNotRoute } from './api-error.ts';
import { authenticate } from './authenticate.ts';
import type { Answer, Route } from './call.ts';
import type { CallLog } from './call-log.ts';
import { checkQuery } from './check-query.ts';
import { logpushRoutes } from './logpush/logpush-routes.ts';
import { misbehaveBefore } from './misbehave.ts';
import type { Misbehaviours } from './misbehaviour.ts';
import type { RateLimit } from './rate-limit.ts';
import { recordRoutes } from './record-routes.ts';
import { rulesetRoutes } from './rules/ruleset-routes.ts';
import { scanRoutes } from './scan-routes.ts';
import { tunnelRoutes } from './tunnel-routes.ts';
import { createForbidden, zoneRoutes } from './zone-routes.ts';

const PREFIX = '/client/v4';
const BODY_MAX = 102_400;
const ID = /^[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Ids of another kind, by the name of their part of a path. */
const ids: Readonly<Record<string, RegExp>> = {
  tunnel: UUID,
  app: UUID,
  policy: UUID,
  token: UUID,
  job: /^[1-9]\d{0,9}$/,
};

interface ApiDeps {
  account: Account;
  apiToken: string;
  limit: RateLimit;
  misbehaviours: Misbehaviours;
  calls: CallLog;
}

interface Compiled {
  route: Route;
  pattern: RegExp;
}

/** All that is served. */
export const apiRoutes: readonly Route[] = [
  ...zoneRoutes,
  ...scanRoutes,
  ...recordRoutes,
  ...tunnelRoutes,
  ...rulesetRoutes,
  ...accountRoutes,
  ...accessRoutes,
  ...analyticsRoutes,
  ...logpushRoutes,
];

const compiled: readonly Compiled[] = apiRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`),
}));

/** Serves Cloudflare's API. */
export function makeApiServer(deps: ApiDeps): Server {
  return createServer((request, response) => {
    serve(deps, request, response).catch(() => response.destroy());
  });
}

async function serve(deps: ApiDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://api');
  const path = url.pathname.startsWith(PREFIX) ? url.pathname.slice(PREFIX.length) : url.pathname;
  const method = request.method ?? 'GET';
  const text = await readBody(request);
  const fault = deps.misbehaviours.take(method, path);
  deps.calls.add(method, path);
  if (fault && (await misbehaveBefore(fault, response, deps.limit.headers()))) return;
  const { status, headers, body } = answer(deps, { method, path, query: url.searchParams, text, request });
  const all = {
    ...deps.limit.headers(),
    ...headers,
    'Content-Type': 'application/json',
    'CF-Ray': '8f00000000000000-FRA',
  };
  if (fault?.kind === 'lost-answer') {
    response.destroy();
    return;
  }
  if (fault?.kind === 'stalled-body') {
    response.writeHead(status, { ...all, 'Content-Length': body.length });
    response.write(body.slice(0, 10));
    return;
  }
  response.writeHead(status, all).end(body);
}

interface Request {
  method: string;
  path: string;
  query: URLSearchParams;
  text: string | undefined;
  request: IncomingMessage;
}

function answer(deps: ApiDeps, request: Request): { status: number; headers: Record<string, string>; body: string } {
  try {
    const { status = 200, result, info, messages = [], bare } = handle(deps, request);
    if (bare !== undefined) return { status: 200, headers: {}, body: JSON.stringify(bare) };
    const envelope = { success: true, errors: [], messages, result, ...(info && { result_info: info }) };
    return { status, headers: {}, body: JSON.stringify(envelope) };
  } catch (error) {
    const known = error instanceof ApiError ? error : new ApiError(500, 10_001, 'internal error');
    const { status, code, message, chain, beside, retryAfterSeconds } = known;
    const errors = [{ code, message, ...(chain.length > 0 && { error_chain: chain }) }, ...beside];
    return {
      status,
      headers: retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) },
      body: JSON.stringify({ success: false, errors, messages: [], result: null }),
    };
  }
}

function handle(deps: ApiDeps, { method, path, query, text, request }: Request): Answer {
  authenticate(deps.apiToken, request.headers.authorization, path);
  deps.limit.take();
  const matching = compiled.filter(({ pattern }) => pattern.test(path));
  const found = matching.find(({ route }) => route.method === method);
  if (!found) {
    if (matching.length > 0) throw new ApiError(405, 10_000, `Method ${method} not allowed for that URI`);
    throw couldNotRoute(path, 404);
  }
  const { route, pattern } = found;
  const params = { ...pattern.exec(path)?.groups };
  checkIds(deps.account, params, path);
  if (route.needs && !deps.account.permissions.has(route.needs))
    throw new ApiError(403, 10_000, 'Authentication error');
  if (route.path === '/zones' && method === 'POST' && !deps.account.permissions.has('zone.edit'))
    throw createForbidden();
  checkQuery(query, route.query ?? {});
  const body = method === 'GET' || method === 'DELETE' ? {} : parseBody(text);
  for (const field of Object.keys(body)) {
    if (route.fields && !route.fields.includes(field)) throw new ApiError(400, 1001, `Unknown field ${field}`);
  }
  return route.handle({ account: deps.account, params, query, body });
}

function checkIds(account: Account, params: Readonly<Record<string, string>>, path: string): void {
  for (const [name, value] of Object.entries(params)) {
    if (name === 'phase') continue;
    const pattern = ids[name] ?? ID;
    if (!pattern.test(value)) throw couldNotRoute(path, 400);
  }
  if (params.account !== undefined && params.account !== account.id) {
    throw new ApiError(403, 10_000, 'Authentication error');
  }
}

function parseBody(text: string | undefined): Record<string, unknown> {
  if (text === undefined) throw new ApiError(413, 10_002, 'Request entity too large');
  if (text === '') return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // refused below
  }
  throw new ApiError(400, 6007, 'Malformed JSON in request body');
}

/** @returns undefined when it's too large */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= BODY_MAX) chunks.push(chunk as Buffer);
  }
  return size > BODY_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
}
