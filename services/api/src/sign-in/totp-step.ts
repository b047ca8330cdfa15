import { createHmac } from 'node:crypto';

/** By RFC 6238, as all authenticator apps have it. */
const PERIOD_MS = 30_000;
const DIGITS = 6;
/** A clock may be half a minute off, either way. */
const STEPS = [-1, 0, 1] as const;

/** Which step of 30 s a code belongs to; undefined when it's none of this moment's, or of its neighbours. @param secret as its own bytes */
export function stepOfCode(secret: string, code: string, now: Date): number | undefined {
  const current = Math.floor(now.getTime() / PERIOD_MS);
  return STEPS.map((step) => current + step).find((step) => codeOfStep(secret, step) === code);
}

/** The code of a step (RFC 4226). */
export function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, '0');
}
