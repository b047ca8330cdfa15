import { systemClock } from '../runtime/clock.ts';

const HOUR_MS = 3_600_000;
/** Longer than the tests of a file take. */
const NEEDED_MS = 60_000;

/** Waits for the next hour when this one is nearly over: for tests about the hour that it is. */
export async function untilHourLasts(): Promise<void> {
  const leftMs = HOUR_MS - (systemClock.date().getTime() % HOUR_MS);
  // The database's clock may be another machine's.
  if (leftMs < NEEDED_MS) await systemClock.wait(leftMs + 1000);
}
