import type { Me } from '@berth/contract/identity';
import { scopesOfRole } from '@berth/contract/roles';
import type { Database } from '@berth/shared/store/database';
import { listSites } from '@berth/shared/store/list-sites';
import { findUser } from '@berth/shared/store/operators';
import { listOwnCustomers } from '@berth/shared/store/users';
import { presentSummary } from '../presenters/present-site.ts';
import { stateRules } from '../presenters/site-state.ts';

/** Of somebody with very many sites the newest; the list goes on at /v1/sites. */
const MOST_SITES = 50;

/** Who has signed in, or by the id of which admin is seen with their eyes. */
export type Who = Pick<Me, 'impersonatedBy'> & {
  user: Me['user'] & { language: 'en' | 'de'; hasSecondFactor: boolean };
  session: Me['session'];
};

export type ReadMe = (who: Who) => Promise<Me>;

/** Tells somebody who they are, and a customer what is theirs. */
export function makeReadMe({ db, supportEmail }: { db: Database; supportEmail: string | undefined }): ReadMe {
  return async ({ user, impersonatedBy, session }) => {
    const isCustomer = user.role === 'customer';
    const customers = isCustomer ? await listOwnCustomers(db, user.email) : [];
    const own = { gone: false, after: undefined, limit: MOST_SITES, owner: user.email };
    const sites = isCustomer ? (await listSites(db, own, stateRules)).sites.map(presentSummary) : [];
    return {
      user: { id: user.id, email: user.email, name: user.name, role: user.role },
      language: customers[0]?.language ?? user.language,
      may: [...scopesOfRole[user.role]],
      customers: customers.map(({ externalId, name, language, notify }) => ({
        id: externalId,
        name,
        language,
        notify,
      })),
      sites: sites.map(({ key, customer, domain, state, inMaintenance, liveAt }) => ({
        key,
        customer,
        domain,
        state,
        inMaintenance,
        liveAt,
      })),
      secondFactor: isCustomer
        ? 'not-needed'
        : user.hasSecondFactor || session.signedInBy === 'link'
          ? 'enrolled'
          : 'missing',
      impersonatedBy: impersonatedBy && ((await findUser(db, impersonatedBy))?.email ?? 'an admin'),
      supportEmail: supportEmail ?? null,
      session,
    };
  };
}
