import { createRequire } from 'node:module';
import path from 'node:path';
import { makeOpenApi } from '@berth/contract/openapi';
import { type Route, type RouteName, routes } from '@berth/contract/routes';
import { scopes } from '@berth/contract/scopes';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import type { Database } from '@berth/shared/store/database';
import express, { type Express, type RequestHandler, type Router } from 'express';
import helmet from 'helmet';
import type { Authenticate } from './caller.ts';
import { docsPage, docsScript } from './docs.ts';
import type { Handlers } from './handler-types.ts';
import type { OpenStreams } from './open-streams.ts';
import { makeProblemHandler, requestIdOf } from './problems.ts';
import { makeRoute } from './route.ts';
import { tellQueues } from './tell-queues.ts';
import { makeTelling } from './telling.ts';

interface AppDeps {
  log: Log;
  clock: Clock;
  metrics: Pick<Metrics, 'requests'>;
  newId(): string;
  /** @throws when the API can't do its work */
  isReady(): Promise<void>;
  authenticate: Authenticate;
  dashboard: RequestHandler;
  handlers: Handlers;
  db: Database;
  streams: Pick<OpenStreams, 'open'>;
  /** the portal's files */
  portal: RequestHandler;
}

const VERSION = '1.0.0';

/** The API as an Express application: the routes of the contract, and what operators open in a browser. */
export function makeApp(deps: AppDeps): Express {
  const { log, clock, metrics, newId, isReady, authenticate, dashboard, handlers, db, streams, portal } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Who connects from this machine is a proxy (cloudflared, nginx), and says for whom.
  app.set('trust proxy', 'loopback');
  app.use(runNothing);
  app.use(makeTelling({ log, clock, metrics, newId }));
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    try {
      await isReady();
      response.json({ status: 'ok' });
    } catch (cause) {
      throw new BerthError('database.unreachable', 'the database does not answer', { cause, retryAfterMs: 5000 });
    }
  });
  const described = { whole: makeOpenApi(VERSION), outer: makeOpenApi(VERSION, isForOthers) };
  app.get('/v1/openapi.json', async (request, response) => {
    const isOurs = await authenticate(request, { scopes, customers: 'nothing', method: 'get' }).then(
      () => true,
      () => false,
    );
    response.setHeader('Cache-Control', 'no-store');
    response.json(isOurs ? described.whole : described.outer);
  });
  app.use('/docs', makeDocs());
  app.use('/admin/queues', makeAdmin(deps), dashboard);
  for (const [name, route] of Object.entries<Route>(routes)) {
    app[route.method](
      route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...makeRoute(name as RouteName, route, { authenticate, handlers, db, log, streams }),
    );
  }
  for (const [shape, methods] of methodsByPath()) {
    app.all(shape, (request, response) => {
      response.setHeader('Allow', methods.join(', '));
      throw new BerthError('request.method-not-allowed', `${request.path} takes ${methods.join(', ')}`);
    });
  }
  app.use(portal);
  app.use((request) => {
    throw new BerthError('request.not-found', `there is nothing at ${request.path}`);
  });
  app.use(makeProblemHandler(log));
  return app;
}

/** What is no page runs nothing, whatever a browser takes it for; pages have a policy of their own in its place. */
const runNothing: RequestHandler = (_request, response, next) => {
  response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('X-Content-Type-Options', 'nosniff');
  next();
};

/** What order systems and customers call; the rest is described to those who have a key or run Berth. */
function isForOthers({ scopes: needed, customers }: Route): boolean {
  return customers !== 'nothing' || needed.some((scope) => scope !== 'operator' && scope !== 'admin');
}

function methodsByPath(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const route of Object.values<Route>(routes)) {
    const shape = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    found.set(shape, [...(found.get(shape) ?? []), route.method.toUpperCase()]);
  }
  return found;
}

/** Keys that may do everything see the queues, and people who run Berth: viewers press no button there. And no foreign page may press a button there for them. */
function makeAdmin({ authenticate, db, log }: Pick<AppDeps, 'authenticate' | 'db' | 'log'>): RequestHandler[] {
  const allowed: RequestHandler = async (request, response, next) => {
    const looks = request.method === 'GET' || request.method === 'HEAD';
    const peopleScopes = looks ? (['sites:read'] as const) : (['operator'] as const);
    const access = { scopes: ['admin'], peopleScopes, customers: 'nothing', method: 'get' } as const;
    const caller = await authenticate(request, access);
    const { origin, host } = request.headers;
    if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) {
      throw new BerthError(
        'auth.forbidden',
        `requests from ${origin} are not taken here (request ${requestIdOf(response)})`,
      );
    }
    if (!looks) await tellQueues(db, log, { caller, request, response });
    next();
  };
  return [
    allowed,
    helmet({
      contentSecurityPolicy: {
        directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
      },
    }),
  ];
}

/** The description for people: Swagger UI from its package, so that it works without any other server. */
function makeDocs(): Router {
  const require = createRequire(import.meta.url);
  const assets = path.dirname(require.resolve('swagger-ui-dist/package.json'));
  const router = express.Router();
  router.use(
    helmet({
      contentSecurityPolicy: {
        directives: { 'style-src': ["'self'", "'unsafe-inline'"], 'upgrade-insecure-requests': null },
      },
    }),
  );
  router.get('/', (_request, response) => void response.type('html').send(docsPage));
  router.get('/start.js', (_request, response) => void response.type('js').send(docsScript));
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']) {
    router.get(`/${file}`, (_request, response) => response.sendFile(path.join(assets, file), { maxAge: '1h' }));
  }
  return router;
}
