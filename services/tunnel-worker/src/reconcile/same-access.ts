import type { AccessRule, ObservedApplication, ObservedPolicy, WantedApplication, WantedPolicy } from './access-api.ts';

/** Whether an application that stands is as wanted. */
export function isSameApplication(stands: ObservedApplication, wanted: WantedApplication): boolean {
  return (
    stands.name === wanted.name &&
    stands.sessionDuration === wanted.sessionDuration &&
    stands.hostnames.join() === wanted.hostnames.join() &&
    stands.policies.join() === wanted.policies.join()
  );
}

/** Whether a policy that stands is as wanted, in whatever order its rules are. */
export function isSamePolicy(stands: ObservedPolicy, wanted: WantedPolicy): boolean {
  if (stands.narrowed || stands.decision !== wanted.decision) return false;
  return JSON.stringify(sorted(stands.include)) === JSON.stringify(sorted(wanted.include));
}

/** In one order whatever they were given in. */
export function sorted(rules: readonly AccessRule[]): AccessRule[] {
  return [...rules].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
