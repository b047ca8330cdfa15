import { BerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type {
  AccessApi,
  AccessRule,
  ObservedApplication,
  ObservedPolicy,
  WantedApplication,
  WantedPolicy,
} from './access-api.ts';

type Lease = Pick<Work['lease'], 'assert' | 'signal'>;

/** Who may enter a site. */
export interface AccessWish {
  /** whoever signs in and is meant by one of these */
  people: readonly AccessRule[];
  sessionHours: number;
}

export interface KeptAccess {
  slug: string;
  hostnames: readonly [string, ...string[]];
  /** undefined: everybody may enter */
  wanted: AccessWish | undefined;
  /** the policy by which Berth's own proof goes through */
  proofPolicyId: string;
}

export type KeepAccessResult = 'nothing' | 'changed';

/** How the application and the policy of a site are called; it says nothing about the customer. */
export function accessName(slug: string): string {
  return `berth ${slug}`;
}

/**
 * Sees that one application guards all host names of a site, with at most four calls. A policy is there before its application, and goes
 * after it, so that none stands without one; a change that fails leaves what was in force.
 * @throws BerthError `access.stranger` where somebody else's application has one of the host names
 */
export async function keepAccess(api: AccessApi, kept: KeptAccess, lease: Lease): Promise<KeepAccessResult> {
  const { signal } = lease;
  const name = accessName(kept.slug);
  const application = await api.findApplication(kept.hostnames[0], signal);
  const policy = (await api.listPolicies(signal)).find((one) => one.name === name);
  if (application && application.name !== name) {
    if (!kept.wanted) return dropPolicy(api, policy, lease);
    const message = `an application of Access that Berth did not make guards ${kept.hostnames[0]}: ${application.name || application.id}; remove it`;
    throw new BerthError('access.stranger', message);
  }
  if (kept.wanted) return arrive(api, { ...kept, wanted: kept.wanted }, { application, policy }, lease);
  if (!application) return dropPolicy(api, policy, lease);
  await lease.assert();
  await api.removeApplication(application.id, signal);
  await dropPolicy(api, policy, lease);
  return 'changed';
}

interface Standing {
  application: ObservedApplication | undefined;
  policy: ObservedPolicy | undefined;
}

async function arrive(
  api: AccessApi,
  { slug, hostnames, wanted, proofPolicyId }: KeptAccess & { wanted: AccessWish },
  { application, policy }: Standing,
  lease: Lease,
): Promise<KeepAccessResult> {
  const { signal } = lease;
  const name = accessName(slug);
  const wantedPolicy: WantedPolicy = { name, decision: 'allow', include: sorted(wanted.people) };
  let result: KeepAccessResult = 'nothing';
  const policyId = policy?.id ?? (await created(api, wantedPolicy, lease));
  if (!policy) result = 'changed';
  else if (!isSamePolicy(policy, wantedPolicy)) {
    await lease.assert();
    await api.changePolicy(policy.id, wantedPolicy, signal);
    result = 'changed';
  }
  const next = {
    name,
    hostnames: [...hostnames].sort(),
    sessionDuration: `${wanted.sessionHours}h`,
    policies: [proofPolicyId, policyId],
  };
  if (application && isSameApplication(application, next)) return result;
  await lease.assert();
  if (application) await api.changeApplication(application.id, next, signal);
  else await api.createApplication(next, signal);
  return 'changed';
}

async function created(api: AccessApi, policy: WantedPolicy, { assert, signal }: Lease) {
  await assert();
  return api.createPolicy(policy, signal);
}

async function dropPolicy(
  api: AccessApi,
  policy: ObservedPolicy | undefined,
  { assert, signal }: Lease,
): Promise<KeepAccessResult> {
  if (!policy) return 'nothing';
  await assert();
  await api.removePolicy(policy.id, signal);
  return 'changed';
}

function isSameApplication(stands: ObservedApplication, wanted: WantedApplication): boolean {
  return (
    stands.sessionDuration === wanted.sessionDuration &&
    stands.hostnames.join() === wanted.hostnames.join() &&
    stands.policies.join() === wanted.policies.join()
  );
}

function isSamePolicy(stands: ObservedPolicy, wanted: WantedPolicy): boolean {
  if (stands.narrowed || stands.decision !== wanted.decision) return false;
  return JSON.stringify(sorted(stands.include)) === JSON.stringify(sorted(wanted.include));
}

/** In one order whatever they were given in. */
function sorted(rules: readonly AccessRule[]): AccessRule[] {
  return [...rules].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
