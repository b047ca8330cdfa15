import { systemChance } from '@berth/shared/runtime/chance';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import type { Database } from '@berth/shared/store/database';
import { createUser, ensureCustomerUser } from '@berth/shared/store/users';

const OPERATOR = { email: 'operator@berth.example', name: 'Demo operator', role: 'admin', language: 'en' } as const;
/** A demo is looked at for hours; links in mails work for minutes. */
const VALID_MS = 12 * 3_600_000;

/** Makes links as they are in mails, for an operator and for a customer by e-mail address. */
export function makeLinkFor(db: Database, publicUrl: string) {
  return async (who: 'operator' | { customer: string }): Promise<string> => {
    const email = who === 'operator' ? OPERATOR.email : who.customer;
    if (who === 'operator') await createUser(db, OPERATOR);
    else await ensureCustomerUser(db, email);
    return (await makeSignInLink({ db, chance: systemChance, publicUrl }, { email, validMs: VALID_MS })).url;
  };
}
