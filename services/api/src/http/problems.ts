import type { Problem } from '@berth/contract/problem';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import { type ErrorCode, errorCodes } from '@berth/shared/errors/catalogue';
import type { Log } from '@berth/shared/runtime/log';
import type { ErrorRequestHandler, Response } from 'express';

/** The HTTP status of each code: a forgotten one doesn't compile. */
const statuses: Record<ErrorCode, number> = {
  'request.invalid': 422,
  'request.malformed': 400,
  'request.too-large': 413,
  'request.unsupported-media-type': 415,
  'request.not-found': 404,
  'request.method-not-allowed': 405,
  'auth.required': 401,
  'auth.forbidden': 403,
  'auth.foreign-page': 403,
  'auth.second-factor-missing': 403,
  'sign-in.failed': 401,
  'sign-in.too-many-tries': 429,
  'second-factor.enrolled': 409,
  'user.not-found': 404,
  'user.exists': 409,
  'user.last-admin': 409,
  'customer.not-found': 404,
  'api-key.not-found': 404,
  'condition.not-found': 404,
  'stream.too-many': 429,
  'retry.too-often': 429,
  'restart.too-often': 429,
  'session.not-found': 404,
  'idempotency.key-required': 400,
  'idempotency.key-reused': 422,
  'idempotency.in-flight': 409,
  'order.conflict': 409,
  'order.not-found': 404,
  'domain.in-use': 409,
  'domain-check.too-often': 429,
  'domain.reserved': 409,
  'domain.mismatch': 409,
  'site.not-found': 404,
  'site.leaving': 409,
  'site.nothing-to-confirm': 409,
  'host.not-found': 404,
  'site.part-missing': 409,
  'operation.not-found': 404,
  'webhook.not-found': 404,
  'webhook.address-not-allowed': 422,
  'webhook.disabled': 409,
  'maintenance.not-found': 404,
  'delivery.not-found': 404,
  'port.out-of-range': 422,
  'port.taken': 409,
  'port.mismatch': 409,
  'license.required': 422,
  'zone.create-forbidden': 500,
  'account.full': 500,
  'zone.elsewhere': 500,
  'zone.not-in-account': 500,
  'zone.left': 500,
  'domain.not-registered': 500,
  'domain.refused': 500,
  'tunnel.not-found': 404,
  'tunnel.name-taken': 500,
  'access.stranger': 500,
  'access.quota-reached': 409,
  'rules.full': 500,
  'protection.version-required': 428,
  'protection.changed': 412,
  'protection.impossible': 422,
  'name.delegated': 500,
  'image.not-found': 500,
  'registry.not-found': 404,
  'registry.rate-limited': 500,
  'registry.unavailable': 500,
  'image.access-denied': 500,
  'image.not-allowed': 422,
  'image.refused': 500,
  'cloudflare.unavailable': 502,
  'cloudflare.rate-limited': 503,
  'cloudflare.unauthorized': 502,
  'cloudflare.refused': 502,
  'disk.full': 500,
  'docker.unavailable': 502,
  'docker.refused': 502,
  'docker.addresses-lost': 500,
  'docker.addresses-taken': 500,
  'docker.stranger': 500,
  'systemd.unavailable': 502,
  'systemd.refused': 502,
  'dns.unavailable': 502,
  'edge.unreachable': 502,
  'host.files': 500,
  'host.unprotected': 500,
  'lease.lost': 500,
  'database.newer': 500,
  'database.migration-failed': 500,
  'database.migration-edited': 500,
  'database.unreachable': 503,
  'secrets.unreadable': 500,
  'internal.unexpected': 500,
};

/** Turns whatever was thrown into a problem; what isn't ours is told without details, and logged once with all of them. */
export function makeProblemHandler(log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const requestId = requestIdOf(response);
    const error = toBerthError(thrown);
    const status = statuses[error.code];
    if (status >= 500) log.error({ requestId, err: thrown }, 'request failed');
    if (response.headersSent) {
      request.destroy();
      return;
    }
    if (error.code === 'auth.required') response.setHeader('WWW-Authenticate', challengesOf(request.originalUrl));
    if (error.retryAfterMs !== undefined) {
      response.setHeader('Retry-After', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
    }
    response
      .status(status)
      .type('application/problem+json')
      .send(JSON.stringify(toProblem(error, status, requestId)));
  };
}

/** Two headers, not one with a comma: a browser asks for a password only then. In the portal it must not: its own page asks. */
function challengesOf(url: string): string[] {
  return url.startsWith('/v1/') ? ['Bearer'] : ['Basic realm="Berth"', 'Bearer'];
}

/** The HTTP status that something thrown is answered with. */
export const statusOf = (thrown: unknown): number => statuses[toBerthError(thrown).code];

export function requestIdOf(response: Response): string {
  return String(response.locals.requestId ?? '');
}

function toProblem(error: BerthError, status: number, requestId: string): Problem {
  const { code, fields } = error;
  return {
    type: `urn:berth:problem:${code}`,
    title: errorCodes[code].title,
    status,
    detail: code === 'internal.unexpected' ? 'the log has the details under this request id' : error.message,
    code,
    requestId,
    ...(fields.length > 0 && { errors: [...fields] }),
  };
}

/** What the body parser throws is told by its `type`. */
const PARSER_CODES: Readonly<Record<string, ErrorCode>> = {
  'entity.too.large': 'request.too-large',
  'entity.parse.failed': 'request.malformed',
  'encoding.unsupported': 'request.unsupported-media-type',
  'charset.unsupported': 'request.unsupported-media-type',
};

function toBerthError(thrown: unknown): BerthError {
  if (isBerthError(thrown)) return thrown;
  const type = thrown instanceof Error && 'type' in thrown ? String(thrown.type) : '';
  const code = PARSER_CODES[type];
  if (code === 'request.malformed') {
    return new BerthError(code, 'the body is not valid JSON', {
      fields: [{ pointer: '#', detail: 'is not valid JSON' }],
    });
  }
  if (code)
    return new BerthError(code, errorCodes[code].title, { fields: [{ pointer: '#', detail: errorCodes[code].title }] });
  const status = thrown instanceof Error && 'status' in thrown ? Number(thrown.status) : 500;
  if (status >= 400 && status < 500) return new BerthError('request.malformed', 'the request cannot be read');
  return new BerthError('internal.unexpected', 'unexpected', { cause: thrown });
}
