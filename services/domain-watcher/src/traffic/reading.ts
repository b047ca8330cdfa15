export const LEASE_MS = 120_000;
/** As many zones as one query may name. */
const ZONES_MAX = 10;

/** Another process reads by now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Zones as one query takes them. */
export function inTens<T>(zones: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(zones.length / ZONES_MAX) }, (_, n) =>
    zones.slice(n * ZONES_MAX, (n + 1) * ZONES_MAX),
  );
}
