const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A length of time in its two largest units: `2 d 4 h`, `12 min`, `40 s`. */
export function formatSpan(ms: number): string {
  const first = UNITS.findIndex(([, length]) => ms >= length);
  if (first < 0) return '0 s';
  let rest = ms;
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, length]) => {
      const count = Math.floor(rest / length);
      rest -= count * length;
      return count > 0 ? [`${count} ${unit}`] : [];
    })
    .join(' ');
}

/** `2026-11-25T12:00:00.000Z` as people read it: `2026-11-25 12:00 UTC`. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
