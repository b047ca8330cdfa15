import type {
  AccessRule,
  MoreSettings,
  ObservedApplication,
  ObservedPolicy,
  WantedApplication,
  WantedPolicy,
} from './access-api.ts';

/** Whether an application that stands is as wanted, and nobody made it wider or narrower. */
export function isSameApplication(stands: ObservedApplication, wanted: WantedApplication): boolean {
  return (
    stands.name === wanted.name &&
    stands.sessionDuration === wanted.sessionDuration &&
    stands.hostnames.join() === wanted.hostnames.join() &&
    stands.policies.join() === wanted.policies.join() &&
    isNone(stands.more)
  );
}

/** Whether a policy that stands is as wanted, in whatever order its rules are. */
export function isSamePolicy(stands: ObservedPolicy, wanted: WantedPolicy): boolean {
  if (stands.decision !== wanted.decision || !isNone(stands.more)) return false;
  const { sessionDuration = wanted.sessionDuration } = stands;
  if (wanted.sessionDuration !== undefined && sessionDuration !== wanted.sessionDuration) return false;
  return JSON.stringify(sorted(stands.include)) === JSON.stringify(sorted(wanted.include));
}

const isNone = (more: MoreSettings) => Object.keys(more).length === 0;

/** In one order whatever they were given in. */
export function sorted(rules: readonly AccessRule[]): AccessRule[] {
  return [...rules].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
