import type {
  ProtectionChangeAnswer,
  ProtectionRequest,
  ProtectionTest,
  ProtectionTestRequest,
  SiteProtection,
} from '@berth/contract/protection';
import { checkProtection, notesOn } from '@berth/shared/domain/check-protection';
import { type AccessWanted, accessPolicies, changesBetween, type Protection } from '@berth/shared/domain/protection';
import { sayProblem } from '@berth/shared/domain/protection-texts';
import { tryVisit } from '@berth/shared/domain/try-visit';
import { planLimits } from '@berth/shared/domain/zone-plan';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Database } from '@berth/shared/store/database';
import type { Requester } from '@berth/shared/store/locked-site';
import { changeProtection, findProtection, type ProtectionStanding } from '@berth/shared/store/protections';

interface Deps {
  db: Database;
  hints: Hints;
}

/** Applications of Access that an account of Cloudflare has at most, and reusable policies as well. */
const OF_ACCESS_MAX = 500;

/** What protects sites: read, planned, and changed. */
export function makeKeepProtection({ db, hints }: Deps) {
  async function get(key: string): Promise<ProtectionStanding> {
    const standing = await findProtection(db, key);
    if (!standing) throw new BerthError('site.not-found', `there is no site ${key}`);
    return standing;
  }
  /** Of a site that nobody can visit, there is nothing to protect. */
  async function getVisited(key: string): Promise<ProtectionStanding> {
    const standing = await get(key);
    if (standing.hostnames.length === 0) throw new BerthError('site.part-missing', `site ${key} has no tunnel`);
    return standing;
  }
  return {
    get: async (key: string) => present(await get(key)),

    /** Whether somebody would get in under what is wanted, and why. */
    async test(key: string, visit: ProtectionTestRequest): Promise<ProtectionTest> {
      const { siteKey, version, wanted, inForceVersion, elsewhere, reason } = await getVisited(key);
      const others = { paths: elsewhere, haveHostname: reason === 'AccessStranger' };
      return { site: siteKey, version, inForce: version === inForceVersion, ...tryVisit(wanted, visit, others) };
    },

    /** What a wish would change, and what can't be had; nothing is written. */
    async plan(key: string, wish: ProtectionRequest): Promise<ProtectionChangeAnswer> {
      const standing = await getVisited(key);
      const { wanted: _, ...examined } = examine(standing, wish);
      return { applied: false, protection: present(standing), ...examined };
    },

    /** @param ifMatch the ETag of what is changed. @throws BerthError `protection.*`, `access.quota-reached` */
    async change(
      key: string,
      ifMatch: string | undefined,
      wish: ProtectionRequest,
      by: Pick<Requester, 'apiKeyId' | 'causeId'>,
    ): Promise<ProtectionChangeAnswer> {
      const seen = parseTag(ifMatch);
      let examined: Examined | undefined;
      const decide = (standing: ProtectionStanding) => {
        const now = etagOf(standing);
        if (now !== seen)
          throw new BerthError('protection.changed', `the ETag of what is wanted is ${now} now, not ${seen}`);
        examined = examine(standing, wish);
        mustBePossible(standing, examined);
        return { wanted: examined.wanted, parts: examined.changes.map(({ part }) => part) };
      };
      const to = await changeProtection(db, key, { wantsAccess: wish.access !== null, decide }, by);
      hints.send(to);
      const { wanted: _, ...rest } = examined ?? examine(await get(key), wish);
      return { applied: true, protection: present(await get(key)), ...rest };
    },
  };
}

export type KeepProtection = ReturnType<typeof makeKeepProtection>;

type Examined = Pick<ProtectionChangeAnswer, 'problems' | 'notes'> & {
  wanted: Protection;
  changes: ReturnType<typeof changesBetween>;
};

const planOf = ({ plan }: ProtectionStanding) => plan ?? 'free';

function examine(standing: ProtectionStanding, wish: ProtectionRequest): Examined {
  const place = { ...standing, plan: planOf(standing) };
  const { wanted, problems } = checkProtection(wish, place);
  const changes = changesBetween(standing.wanted, wanted);
  const full = wanted.access && findFull(standing, wanted.access);
  if (full) problems.push({ pointer: '#/access', ...sayProblem(full, { most: OF_ACCESS_MAX }) });
  return { wanted, changes, problems, notes: problems.length > 0 ? [] : notesOn(wanted, place) };
}

const FULL = ['access.applications-full', 'access.policies-full'] as const;

/** What the account has no room for of what would be made anew. One policy is that of Berth's own looks. */
function findFull(
  { wanted, otherApplications, otherPolicies }: ProtectionStanding,
  access: AccessWanted,
): (typeof FULL)[number] | undefined {
  if (!wanted.access && otherApplications >= OF_ACCESS_MAX) return FULL[0];
  const more = accessPolicies(access) - (wanted.access ? accessPolicies(wanted.access) : 0);
  return more > 0 && otherPolicies + accessPolicies(access) + 1 > OF_ACCESS_MAX ? FULL[1] : undefined;
}

function mustBePossible({ siteKey }: ProtectionStanding, { problems }: Examined): void {
  const [first] = problems;
  if (!first) return;
  if (problems.every(({ code }) => FULL.some((one) => one === code))) {
    throw new BerthError('access.quota-reached', first.detail, { fields: problems });
  }
  const what = problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
  throw new BerthError('protection.impossible', `site ${siteKey}: ${what}`, { fields: problems });
}

/** A site that is ordered again under the same key begins with version 0 as well; its slug is new. */
const etagOf = ({ slug, version }: Pick<ProtectionStanding, 'slug' | 'version'>) => `"${slug}-${version}"`;

/** An entity tag, in its quotes. @throws BerthError `protection.version-required`, `request.invalid` */
function parseTag(ifMatch: string | undefined): string {
  if (ifMatch === undefined || ifMatch === '') {
    const message = 'send the ETag of GET as If-Match, so that nobody’s change is overwritten unseen';
    throw new BerthError('protection.version-required', message);
  }
  const tag = /^(?:W\/)?("[^"]{1,100}")$/.exec(ifMatch.trim())?.[1];
  if (tag === undefined) throw new BerthError('request.invalid', 'If-Match must be the ETag of GET, in its quotes');
  return tag;
}

function present(standing: ProtectionStanding): SiteProtection {
  const plan = planOf(standing);
  return {
    site: standing.siteKey,
    version: standing.version,
    etag: etagOf(standing),
    wanted: standing.wanted,
    inForce: standing.version === standing.inForceVersion,
    standing: standing.inForce,
    inForceAt: standing.inForceAt,
    observedAt: standing.observedAt,
    requestedAt: standing.requestedAt,
    reason: standing.reason,
    message: standing.message,
    plan,
    planSeen: standing.plan !== null,
    limits: planLimits[plan],
    hostnames: standing.hostnames,
  };
}
