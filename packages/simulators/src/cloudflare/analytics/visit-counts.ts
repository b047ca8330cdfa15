/** A request that the edge has answered. */
export interface Visit {
  zoneId: string;
  atMs: number;
  status: number;
  bytes: number;
  /** the visitor's address */
  address: string;
  /** in two letters; XX where it isn't known */
  country: string;
}

/** What is counted of a zone within an hour. */
export interface HourCounts {
  requests: number;
  bytes: number;
  statuses: Record<string, number>;
  countries: Record<string, number>;
  visitors: string[];
}

/** By zone, then by the hour's begin in ISO 8601. */
export type VisitSnapshot = Record<string, Record<string, HourCounts>>;

const HOUR_MS = 3_600_000;
/** Nobody can ask for what is older. */
const KEPT_MS = 80 * HOUR_MS;

/** What visitors did, as the edge saw it. */
export class VisitCounts {
  readonly #hours: VisitSnapshot;

  constructor(from: VisitSnapshot = {}) {
    this.#hours = from;
  }

  add({ zoneId, atMs, status, bytes, address, country }: Visit): void {
    const hour = new Date(Math.floor(atMs / HOUR_MS) * HOUR_MS).toISOString();
    this.#hours[zoneId] ??= {};
    const hours = this.#hours[zoneId];
    hours[hour] ??= { requests: 0, bytes: 0, statuses: {}, countries: {}, visitors: [] };
    const counts = hours[hour];
    counts.requests += 1;
    counts.bytes += bytes;
    counts.statuses[status] = (counts.statuses[status] ?? 0) + 1;
    counts.countries[country] = (counts.countries[country] ?? 0) + 1;
    if (!counts.visitors.includes(address)) counts.visitors.push(address);
    for (const old of Object.keys(hours)) if (Date.parse(old) < atMs - KEPT_MS) delete hours[old];
  }

  /** The hours of a zone that had visits, from `fromMs` up to and without `toMs`, in order. */
  of(zoneId: string, fromMs: number, toMs: number): { hour: string; counts: HourCounts }[] {
    return Object.entries(this.#hours[zoneId] ?? {})
      .map(([hour, counts]) => ({ hour, counts }))
      .filter(({ hour }) => Date.parse(hour) >= fromMs && Date.parse(hour) < toMs)
      .sort((a, b) => (a.hour < b.hour ? -1 : 1));
  }

  snapshot(): VisitSnapshot {
    return this.#hours;
  }
}
