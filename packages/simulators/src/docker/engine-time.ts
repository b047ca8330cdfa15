let last = 0n;

/** Now in nanoseconds since 1970, strictly growing within the process, so that two starts never share a `StartedAt`. */
export function nowNanos(): bigint {
  const now = BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
  last = now > last ? now : last + 1n;
  return last;
}

/** RFC 3339 with nine decimals, as the Engine prints times. */
export function toEngineTime(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** What the Engine says where there is no time yet. */
export const noTime = '0001-01-01T00:00:00Z';

/** The Engine's `since`: seconds since 1970, with up to nine decimals. */
export function secondsToNanos(seconds: string | null): bigint {
  const [whole = '', part = ''] = (seconds ?? '').split('.');
  return /^\d+$/.test(whole) ? BigInt(whole) * 1_000_000_000n + BigInt(part.padEnd(9, '0').slice(0, 9) || '0') : 0n;
}
