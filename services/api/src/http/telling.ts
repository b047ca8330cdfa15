import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Metrics } from '@berth/shared/runtime/metrics';
import { tracedAsRoot } from '@berth/shared/runtime/tracing';
import type { RequestHandler, Response } from 'express';

const OWN_ID = /^[\w.-]{8,64}$/;

interface Deps {
  log: Log;
  clock: Clock;
  metrics: Pick<Metrics, 'requests'>;
  newId(): string;
}

/** Gives each request its id (the caller's own, where it sent a fair one), and logs and measures it once it is answered. */
export function makeTelling({ log, clock, metrics, newId }: Deps): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && OWN_ID.test(given) ? given : newId();
    response.locals.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    const startedMs = clock.monotonicMs();
    response.once('close', () => {
      const durationMs = clock.monotonicMs() - startedMs;
      const { method } = request;
      const status = response.statusCode;
      const fields = { requestId, method, path: request.path, status, durationMs: Math.round(durationMs) };
      // A path is anybody's text: what grows with it must not become a label. A stream lasts as long as its reader wants.
      const route: string = response.locals.route ?? 'none';
      if (!isStream(response)) metrics.requests.observe({ method, route, status }, durationMs / 1000);
      log[request.method === 'GET' ? 'debug' : 'info'](fields, 'request answered');
    });
    if (!request.path.startsWith('/v1/')) return next();
    tracedAsRoot(request.method, requestId, {}, (span) => {
      response.once('close', () => {
        span.updateName(`${request.method} ${response.locals.route ?? 'none'}`);
        span.setAttribute('http.response.status_code', response.statusCode);
        span.end();
      });
      next();
    });
  };
}

function isStream(response: Response): boolean {
  return String(response.getHeader('content-type')).startsWith('text/event-stream');
}
