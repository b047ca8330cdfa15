import type { DomainCheck } from '@berth/contract/domain';
import type { FindDelegation } from '@berth/edge/dns/find-delegation';
import { isBerthError } from '@berth/shared/errors/berth-error';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Database } from '@berth/shared/store/database';
import { beginDomainCheck, type DomainFinding, endDomainCheck } from '@berth/shared/store/domain-checks';
import { presentCheck } from '../presenters/present-domain.ts';

interface Deps {
  db: Database;
  hints: Hints;
  findDelegation: FindDelegation;
}

/** Enough for somebody who tries again after each change at the registrar. */
const GAP_MS = 5000;

/** Asks a domain's parent how the domain is delegated, keeps what it says, and wakes the zone so that it's looked at again. */
export function makeCheckDomain({ db, hints, findDelegation }: Deps) {
  return async function checkDomain(key: string, causeId: string): Promise<DomainCheck> {
    const { siteId, domain } = await beginDomainCheck(db, key, GAP_MS);
    const { standing, hints: to } = await endDomainCheck(db, siteId, await look(findDelegation, domain), causeId);
    hints.send(to);
    return presentCheck(standing);
  };
}

export type CheckDomain = ReturnType<typeof makeCheckDomain>;

/** That nobody answers is a finding too. */
async function look(findDelegation: FindDelegation, domain: string): Promise<DomainFinding> {
  try {
    const { parent, registered, nameServers, ds } = await findDelegation(domain);
    return { parent, registered, nameServers, ds };
  } catch (error) {
    if (isBerthError(error, 'dns.unavailable')) return { parent: null, nameServers: [], ds: null };
    throw error;
  }
}
