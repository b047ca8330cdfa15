import { BerthError } from '@berth/shared/errors/berth-error';
import type { Request } from 'express';

/**
 * A browser sends cookies along whichever page asks, and says which page that is. Whoever uses a cookie has to say so; without one nothing
 * is asked, since curl says nothing either.
 * @throws BerthError `auth.foreign-page`
 */
export function mustComeFromHere(request: Request, publicUrl: string, hasCookie: boolean): void {
  const { origin, host } = request.headers;
  if (origin === undefined) {
    if (!hasCookie) return;
    throw new BerthError('auth.foreign-page', 'with a cookie, a request that changes something says its Origin');
  }
  if (URL.canParse(origin)) {
    const from = new URL(origin);
    if (from.host === host || from.origin === new URL(publicUrl).origin) return;
  }
  throw new BerthError('auth.foreign-page', `requests from pages of ${origin} are not taken here`);
}
