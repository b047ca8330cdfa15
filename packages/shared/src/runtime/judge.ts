import { backoffMs } from '../domain/backoff.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Part } from '../domain/parts.ts';
import { isBerthError, messageOf } from '../errors/berth-error.ts';
import { reasonOf } from '../errors/catalogue.ts';
import type { Claimed, Finding } from '../store/protocol.ts';

/** The finding that an outcome stands for. @param unwanted the part that the condition belongs to, where its site stays without it */
export function findingOf(outcome: Outcome, generation: number, unwanted?: Part): Finding {
  const common = { reason: outcome.reason, message: outcome.message, generation, tries: 0 };
  if (outcome.kind === 'gone') {
    const why = unwanted && { reason: 'NotWanted', message: `the site wants no ${unwanted}` };
    return { ...common, ...why, status: 'false', nextMs: null, gone: true };
  }
  return {
    ...common,
    status: outcome.status,
    nextMs: outcome.kind === 'again' ? outcome.ms : null,
    gone: false,
  };
}

/**
 * The finding that a failure stands for: what trying again can't help waits for a person; anything else backs off.
 * What was true is unknown now; what wasn't stays as it is.
 * @param random a number in [0, 1), for the jitter
 */
export function findingOfFailure(error: unknown, claimed: Claimed, generation: number, random: number): Finding {
  const tries = claimed.tries + 1;
  const known = isBerthError(error);
  const final = known && error.retry === 'never';
  const waitMs = Math.max(backoffMs(tries, random), (known && error.retryAfterMs) || 0);
  return {
    status: claimed.status === 'true' ? 'unknown' : claimed.status,
    reason: known ? reasonOf(error.code) : 'InternalUnexpected',
    message: known ? messageOf(error) : 'an unexpected failure; the log has the whole of it',
    generation,
    tries,
    nextMs: final ? null : waitMs,
    gone: false,
  };
}

/** The finding for a condition that must wait for others. */
export function findingOfWaiting(claimed: Claimed, missing: readonly string[], generation: number): Finding {
  return {
    status: claimed.status === 'true' ? 'true' : 'false',
    reason: 'Waiting',
    message: `waits for ${missing.join(', ')}`,
    generation,
    tries: 0,
    nextMs: null,
    gone: false,
  };
}
