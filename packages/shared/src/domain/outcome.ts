/** How an aspect stands. */
export type ConditionStatus = 'true' | 'false' | 'unknown';

/**
 * What a reconcile found, written down by the loop.
 * `reason` is a constant such as `NameserversNotChanged`; `message` a sentence that a user can act on.
 */
export type Outcome =
  /** nothing to do until somebody wakes it */
  | { kind: 'settled'; status: ConditionStatus; reason: string; message: string }
  /** look again after `ms`, or when woken */
  | { kind: 'again'; ms: number; status: ConditionStatus; reason: string; message: string }
  /** observed absent after it was wanted gone; the condition is closed */
  | { kind: 'gone'; reason: string; message: string };

/** The aspect is as wanted. */
export function settled(reason: string, message = ''): Outcome {
  return { kind: 'settled', status: 'true', reason, message };
}

/** The aspect isn't as wanted and only a wake-up (a person, another aspect) can change that. */
export function blocked(reason: string, message: string): Outcome {
  return { kind: 'settled', status: 'false', reason, message };
}

/** Not there yet: look again after `ms` milliseconds. */
export function again(ms: number, reason: string, message = '', status: ConditionStatus = 'false'): Outcome {
  return { kind: 'again', ms, status, reason, message };
}

/** As wanted, and looked at again after `ms` milliseconds. */
export function settledFor(ms: number, reason: string, message = ''): Outcome {
  return { kind: 'again', ms, status: 'true', reason, message };
}

/** Wanted gone and observed absent. */
export function gone(reason = 'Gone', message = ''): Outcome {
  return { kind: 'gone', reason, message };
}
