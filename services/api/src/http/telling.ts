import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { RequestHandler } from 'express';

const OWN_ID = /^[\w.-]{8,64}$/;

/** Gives each request its id (the caller's own, where it sent a fair one) and logs it once it is answered. */
export function makeTelling({ log, clock, newId }: { log: Log; clock: Clock; newId(): string }): RequestHandler {
  return (request, response, next) => {
    const given = request.headers['x-request-id'];
    const requestId = typeof given === 'string' && OWN_ID.test(given) ? given : newId();
    response.locals.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    const startedMs = clock.monotonicMs();
    response.once('close', () => {
      const fields = {
        requestId,
        method: request.method,
        path: request.path,
        status: response.statusCode,
        durationMs: Math.round(clock.monotonicMs() - startedMs),
      };
      log[request.method === 'GET' ? 'debug' : 'info'](fields, 'request answered');
    });
    next();
  };
}
