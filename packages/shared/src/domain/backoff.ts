/**
 * The wait before the `tries`-th repetition of a failed reconcile: 1 s, 2 s, 4 s … 5 min, each with up to a fifth of jitter,
 * so that what failed together doesn't come back together.
 * @param tries failures in a row, from 1
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function backoffMs(tries: number, random: number): number {
  const base = Math.min(1000 * 2 ** Math.max(0, tries - 1), 300_000);
  return Math.round(base * (1 + 0.2 * random));
}
