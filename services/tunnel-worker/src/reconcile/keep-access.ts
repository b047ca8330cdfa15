import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Work } from '@berth/shared/runtime/reconciler';
import type {
  AccessApi,
  AccessRule,
  ObservedApplication,
  ObservedPolicy,
  WantedApplication,
  WantedPolicy,
} from './access-api.ts';
import { findGuardsElsewhere, type PathGuard } from './guards-elsewhere.ts';
import { isSameApplication, isSamePolicy, sorted } from './same-access.ts';

type Lease = Pick<Work['lease'], 'assert' | 'signal'>;

/** Who may enter a site. */
export interface AccessWish {
  /** whoever signs in and is meant by one of these */
  people: readonly AccessRule[];
  /** programs that show one of these */
  programs?: readonly AccessRule[];
  sessionHours: number;
}

/** What stood at Cloudflare where something else was wanted. */
export interface AccessFound {
  application: ObservedApplication | undefined;
  policies: readonly ObservedPolicy[];
}

export interface KeptAccess {
  slug: string;
  hostnames: readonly [string, ...string[]];
  /** undefined: everybody may enter */
  wanted: AccessWish | undefined;
  /** one that stands, whatever it is, is left as it is */
  onlyMissing?: boolean;
  /** the policy by which Berth's own proof goes through, given those that there are; asked for where something is wanted */
  proofPolicyOf(policies: readonly ObservedPolicy[]): Promise<string>;
  /** is told what stands there before it is changed */
  onDifference?: (found: AccessFound) => Promise<void>;
  /** is told what others guard of it, where something is wanted */
  onElsewhere?: (guards: readonly PathGuard[]) => void;
}

export type KeepAccessResult = 'nothing' | 'changed';

/** How the application and the policy of a site are called; it says nothing about the customer. */
export function accessName(slug: string): string {
  return `berth ${slug}`;
}

const programsName = (slug: string) => `berth ${slug} programs`;

/**
 * Sees that one application guards all host names of a site, with at most four calls (five where programs may enter too). A policy is there
 * before its application, and goes after it, so that none stands without one; a change that fails leaves what was in force.
 * @throws BerthError `access.stranger` where somebody else's application has one of the host names
 */
export async function keepAccess(api: AccessApi, kept: KeptAccess, lease: Lease): Promise<KeepAccessResult> {
  const { signal } = lease;
  const all = await api.listPolicies(signal);
  const names = [accessName(kept.slug), programsName(kept.slug)];
  const policies = all.filter(({ name }) => names.includes(name));
  const applications = await api.listApplications(signal);
  const application = applications.find(({ name }) => name === accessName(kept.slug));
  if (application && kept.onlyMissing) return 'nothing';
  const found = { application, policies };
  let told = false;
  const begin = async () => {
    if (!told) await kept.onDifference?.(found);
    told = true;
    await lease.assert();
  };
  if (!kept.wanted) return leave(api, kept, found, { signal, begin });
  const others = applications.filter(({ id }) => id !== application?.id);
  kept.onElsewhere?.(findGuardsElsewhere(others, kept.hostnames));
  const proofPolicyId = await kept.proofPolicyOf(all);
  return arrive(api, { ...kept, wanted: kept.wanted, proofPolicyId }, found, { signal, begin });
}

interface Step {
  signal: AbortSignal;
  /** before each effect */
  begin(): Promise<void>;
}

async function arrive(
  api: AccessApi,
  { slug, hostnames, wanted, proofPolicyId }: KeptAccess & { wanted: AccessWish; proofPolicyId: string },
  { application, policies }: AccessFound,
  { signal, begin }: Step,
): Promise<KeepAccessResult> {
  let changed = false;
  const ids = [proofPolicyId];
  for (const policy of policiesOf(slug, wanted)) {
    const stands = policies.find(({ name }) => name === policy.name);
    if (!stands || !isSamePolicy(stands, policy)) {
      await begin();
      changed = true;
    }
    if (stands && !isSamePolicy(stands, policy)) await api.changePolicy(stands.id, policy, signal);
    ids.push(stands?.id ?? (await api.createPolicy(policy, signal)));
  }
  const next: WantedApplication = {
    name: accessName(slug),
    hostnames: [...hostnames].sort(),
    sessionDuration: toDuration(wanted.sessionHours),
    policies: ids,
  };
  if (!application || !isSameApplication(application, next)) {
    await begin();
    changed = true;
    if (application) await api.changeApplication(application.id, next, signal);
    else await create(api, next, policies, signal);
  }
  for (const policy of policies.filter(({ id }) => !ids.includes(id))) {
    await begin();
    changed = true;
    await api.removePolicy(policy.id, signal);
  }
  return changed ? 'changed' : 'nothing';
}

const toDuration = (hours: number) => `${hours}h`;

/** Each by its name; what nobody is meant by isn't made. */
function policiesOf(slug: string, { people, programs = [], sessionHours }: AccessWish): WantedPolicy[] {
  const all: WantedPolicy[] = [
    { name: programsName(slug), decision: 'non_identity', include: sorted(programs) },
    { name: accessName(slug), decision: 'allow', include: sorted(people), sessionDuration: toDuration(sessionHours) },
  ];
  return all.filter(({ include }) => include.length > 0);
}

/** One that somebody gave another name is known by the policy of ours in it. */
async function create(
  api: AccessApi,
  next: WantedApplication,
  policies: readonly ObservedPolicy[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await api.createApplication(next, signal);
  } catch (error) {
    const renamed = isBerthError(error, 'access.stranger')
      ? await findByPolicy(api, next.hostnames, policies, signal)
      : undefined;
    if (!renamed) throw error;
    await api.changeApplication(renamed.id, next, signal);
  }
}

async function findByPolicy(
  api: AccessApi,
  hostnames: readonly string[],
  policies: readonly ObservedPolicy[],
  signal: AbortSignal,
): Promise<ObservedApplication | undefined> {
  for (const hostname of hostnames) {
    const found = await api.findApplication(hostname, signal);
    if (found && policies.some(({ id }) => found.policies.includes(id))) return found;
  }
  return undefined;
}

async function leave(
  api: AccessApi,
  { hostnames }: KeptAccess,
  { application, policies }: AccessFound,
  { signal, begin }: Step,
): Promise<KeepAccessResult> {
  if (!application && policies.length === 0) return 'nothing';
  await begin();
  if (application) await api.removeApplication(application.id, signal);
  for (const policy of policies) {
    await begin();
    if (await api.removePolicy(policy.id, signal)) continue;
    const renamed = await findByPolicy(api, hostnames, [policy], signal);
    if (!renamed) continue;
    await api.removeApplication(renamed.id, signal);
    await begin();
    await api.removePolicy(policy.id, signal);
  }
  return 'changed';
}
