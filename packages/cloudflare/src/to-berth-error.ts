import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import { APIConnectionError, APIError, APIUserAbortError } from 'cloudflare';

/** Status and codes of an answer that said no; `status` is undefined when there was no answer. */
export interface Refusal {
  status: number | undefined;
  codes: readonly number[];
}

const DEFAULT_RETRY_MS = 30_000;

/** What Cloudflare's answer was, or undefined for anything that isn't one of its refusals. */
export function refusalOf(error: unknown): Refusal | undefined {
  const original = isBerthError(error) ? error.cause : error;
  if (!(original instanceof APIError)) return undefined;
  return { status: original.status, codes: original.errors.map((one) => Number(one.code)) };
}

/** Whether Cloudflare refused with one of `codes`. */
export function isRefusal(error: unknown, ...codes: number[]): boolean {
  return refusalOf(error)?.codes.some((code) => codes.includes(code)) ?? false;
}

/**
 * A failed call as a BerthError with the original as cause; the status and Cloudflare's codes decide, never a text of theirs.
 * @param doing what was being done, to which thing
 */
export function toBerthError(error: unknown, doing: string): BerthError {
  if (isBerthError(error)) return error;
  const refusal = refusalOf(error);
  const said = refusal?.status
    ? `HTTP ${refusal.status}${refusal.codes.map((code) => `, code ${code}`).join('')}`
    : 'no usable answer';
  const message = `${doing}: ${said}`;
  const more = { cause: error };
  if (error instanceof APIUserAbortError) return new BerthError('cloudflare.unavailable', `${doing}: given up`, more);
  if (error instanceof APIConnectionError) return new BerthError('cloudflare.unavailable', message, more);
  if (!refusal?.status || refusal.status >= 500) return new BerthError('cloudflare.unavailable', message, more);
  if (refusal.status === 429) {
    return new BerthError('cloudflare.rate-limited', message, { ...more, retryAfterMs: retryAfterMs(error) });
  }
  const unauthorized = refusal.status === 401 || (refusal.status === 403 && refusal.codes.some(isAboutTheToken));
  return new BerthError(unauthorized ? 'cloudflare.unauthorized' : 'cloudflare.refused', message, more);
}

function isAboutTheToken(code: number): boolean {
  return code === 10_000 || code === 9109;
}

/** `Retry-After` in milliseconds: seconds or a date. */
function retryAfterMs(error: unknown): number {
  const text = error instanceof APIError ? error.headers?.get('retry-after') : undefined;
  const seconds = Number(text);
  return text && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_MS;
}
