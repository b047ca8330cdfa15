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
  const original = originalOf(isBerthError(error) ? error.cause : error);
  if (!(original instanceof APIError)) return undefined;
  return { status: original.status, codes: original.errors.map((one) => Number(one.code)) };
}

/** The SDK takes what its fetch throws for a lost connection; a refusal that came that way is inside. */
function originalOf(error: unknown): unknown {
  return error instanceof APIConnectionError && error.cause instanceof APIError ? error.cause : error;
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
  const original = originalOf(error);
  const refusal = refusalOf(original);
  const more = { cause: original };
  if (original instanceof APIUserAbortError)
    return new BerthError('cloudflare.unavailable', `${doing}: given up`, more);
  if (!refusal?.status) return new BerthError('cloudflare.unavailable', `${doing}: no usable answer`, more);
  const message = `${doing}: HTTP ${refusal.status}${refusal.codes.map((code) => `, code ${code}`).join('')}`;
  if (refusal.status >= 500) return new BerthError('cloudflare.unavailable', message, more);
  if (refusal.status === 429) {
    return new BerthError('cloudflare.rate-limited', message, { ...more, retryAfterMs: retryAfterMs(original) });
  }
  const unauthorized = refusal.status === 401 || (refusal.status === 403 && refusal.codes.some(isAboutTheToken));
  return new BerthError(unauthorized ? 'cloudflare.unauthorized' : 'cloudflare.refused', message, more);
}

function isAboutTheToken(code: number): boolean {
  return code === 10_000 || code === 9109;
}

/** `Retry-After` in milliseconds: seconds, or a date, which counts from the date of the answer. */
function retryAfterMs(error: unknown): number {
  const headers = error instanceof APIError ? error.headers : undefined;
  const text = headers?.get('retry-after');
  if (!text) return DEFAULT_RETRY_MS;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(headers?.get('date') ?? '');
  return Number.isFinite(ms) && ms > 0 ? ms : DEFAULT_RETRY_MS;
}
