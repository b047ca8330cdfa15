/** What a zone's plan gives of its traffic: all, requests and bytes alone, or nothing. */
export type TrafficGiven = 'all' | 'basic' | 'nothing';

/** What happened within an hour; null is what the plan doesn't give. */
export interface TrafficHour {
  /** the hour's begin, ISO 8601 in UTC */
  hour: string;
  requests: number;
  bytes: number;
  cachedRequests: number | null;
  cachedBytes: number | null;
  visitors: number | null;
  /** requests by class of status, such as `2xx` */
  statuses: Record<string, number> | null;
  /** requests by country, in two letters */
  countries: Record<string, number> | null;
}

export const HOUR_MS = 3_600_000;

/** Cloudflare keeps hours of a zone without a paid plan for so long. */
export const TRAFFIC_KEPT_HOURS = 72;

/** The hours from `from` up to and without `to`, both times of a clock in ms. */
export function hoursBetween(from: number, to: number): string[] {
  const hours: string[] = [];
  for (let at = Math.floor(from / HOUR_MS) * HOUR_MS; at < to; at += HOUR_MS) hours.push(new Date(at).toISOString());
  return hours;
}

/** All hours of a time: those in which nobody came are hours too. */
export function withQuietHours(
  seen: readonly TrafficHour[],
  hours: readonly string[],
  given: TrafficGiven,
): TrafficHour[] {
  const known = new Map(seen.map((one) => [one.hour, one]));
  const all = given === 'all';
  return hours.map(
    (hour) =>
      known.get(hour) ?? {
        hour,
        requests: 0,
        bytes: 0,
        cachedRequests: all ? 0 : null,
        cachedBytes: all ? 0 : null,
        visitors: all ? 0 : null,
        statuses: all ? {} : null,
        countries: all ? {} : null,
      },
  );
}
