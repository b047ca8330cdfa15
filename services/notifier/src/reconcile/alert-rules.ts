const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When what is said (docs/notifications.md). */
export const alertRules = {
  /** an incident waits so long for others of the same host, so that they are one message */
  holdMs: 30_000,
  /** a site waits for an operator when it has done so for as long */
  attentionAfterMs: MINUTE_MS,
  /** so many sites of one host within `stormMs` are one message */
  storm: 5,
  stormMs: 2 * MINUTE_MS,
  /** as often within `flapsWithinMs` the same thing went wrong: it is flapping, which is said once */
  flaps: 3,
  flapsWithinMs: 30 * MINUTE_MS,
  /** what was flapping must have been well for so long */
  steadyMs: 30 * MINUTE_MS,
  /** How many reminders are due after `ms`: after 1 h, 4 h, and then daily. */
  remindersBy(ms: number): number {
    if (ms < HOUR_MS) return 0;
    if (ms < 4 * HOUR_MS) return 1;
    return 2 + Math.floor(ms / (24 * HOUR_MS));
  },
} as const;
