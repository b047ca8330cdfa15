import { ApiError } from './api-error.ts';

/** Real tokens have 40 characters or more; what is shorter isn't looked up. */
const BEARER = /^Bearer [\w-]{40,}$/;
const VERIFY = /\/tokens\/verify$/;

/** Holds the Authorization header of a call against the account's token. @throws ApiError 400 or 401 */
export function authenticate(apiToken: string, authorization: string | undefined, path: string): void {
  if (authorization === undefined) {
    throw new ApiError(400, 9106, 'Missing X-Auth-Key, X-Auth-Email or Authorization headers');
  }
  if (authorization === `Bearer ${apiToken}`) return;
  if (!BEARER.test(authorization)) {
    throw new ApiError(400, 6003, 'Invalid request headers', {
      chain: [{ code: 6111, message: 'Invalid format for Authorization header' }],
    });
  }
  if (VERIFY.test(path)) throw new ApiError(401, 1000, 'Invalid API Token');
  throw new ApiError(401, 10_000, 'Authentication error');
}
