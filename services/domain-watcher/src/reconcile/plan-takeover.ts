import type { DomainRecord } from '@berth/shared/domain/domain-record';
import type { Takeover } from '@berth/shared/store/zone-takeovers';

/** What to do next before a customer is told the name servers. */
export type TakeoverStep =
  | { kind: 'scan' }
  | { kind: 'wait'; ms: number }
  /** `last`: what isn't found now won't be */
  | { kind: 'look'; last: boolean; againMs: number }
  | { kind: 'accept'; records: DomainRecord[] }
  /** the domain's name servers for its mail, and its parent whether it's signed */
  | { kind: 'ask' };

/**
 * A scan runs by itself and doesn't say when it ends: it is looked at after half of the time that it is given, and at the end when nothing
 * was there. That is two calls at most.
 */
export function planTakeover({ scanAgeMs, found, ended }: Takeover, scanMs: number): TakeoverStep {
  if (ended) return { kind: 'ask' };
  if (found) return { kind: 'accept', records: found };
  if (scanAgeMs === null) return { kind: 'scan' };
  if (scanAgeMs < scanMs / 2) return { kind: 'wait', ms: scanMs / 2 - scanAgeMs };
  return { kind: 'look', last: scanAgeMs >= scanMs, againMs: Math.max(0, scanMs - scanAgeMs) };
}
