import { BerthError } from '@berth/shared/errors/berth-error';
import { isAPIError } from 'better-auth/api';

const LOCKED_MS = 900_000;
const TOO_MANY = 429;
const CLIENT_FROM = 300;
const SERVER_FROM = 500;

/**
 * Runs a call of the sign-in library; what it refuses is told without why, since why helps those who try.
 * @throws BerthError `sign-in.failed`, `sign-in.too-many-tries`
 */
export async function asking<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!isAPIError(cause)) throw cause;
    const { statusCode } = cause;
    if (statusCode === TOO_MANY) {
      throw new BerthError('sign-in.too-many-tries', 'too many wrong codes', { cause, retryAfterMs: LOCKED_MS });
    }
    // A link that doesn't work is told by a redirect.
    if (statusCode >= CLIENT_FROM && statusCode < SERVER_FROM) throw new BerthError('sign-in.failed', what, { cause });
    throw cause;
  }
}
