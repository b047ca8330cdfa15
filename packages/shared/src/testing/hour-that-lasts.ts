import { systemClock } from '../runtime/clock.ts';

const HOUR_MS = 3_600_000;
/** Longer than the tests of a file take, on a busy machine too; less than a hook may. */
const NEEDED_MS = 120_000;

/** Waits for the next hour when this one is nearly over: for tests about the hour that it is. */
export async function untilHourLasts(): Promise<void> {
  const leftMs = HOUR_MS - (systemClock.date().getTime() % HOUR_MS);
  // The database's clock may be another machine's.
  if (leftMs < NEEDED_MS) await systemClock.wait(leftMs + 1000);
}
