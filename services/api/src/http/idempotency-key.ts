import { BerthError } from '@berth/shared/errors/berth-error';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The key of a request that must happen once, bare or as a quoted string (the IETF's draft writes it so).
 * @throws BerthError `idempotency.key-required` when it is missing or has other characters
 */
export function parseIdempotencyKey(header: string | string[] | undefined): string {
  const text = Array.isArray(header) ? '' : (header ?? '');
  const key = /^"(.*)"$/.exec(text)?.[1] ?? text;
  if (KEY.test(key)) return key;
  throw new BerthError(
    'idempotency.key-required',
    'send an Idempotency-Key of 1 to 255 visible ASCII characters, the same one with each repetition',
  );
}
