import type { WebhookEvent } from '@berth/contract/webhook-events';
import { newsHint } from '@berth/shared/contracts/jobs';
import { SIGN_IN_MAIL, type SignInMail, sealSignInMail } from '@berth/shared/contracts/sign-in-mail';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import type { Vault } from '@berth/shared/runtime/vault';
import { findContact } from '@berth/shared/store/customers';
import type { Database } from '@berth/shared/store/database';
import { insertDeliveries, type NewDelivery } from '@berth/shared/store/deliveries';
import { type EmailChange, storeEmailChange, takeEmailChange } from '@berth/shared/store/email-changes';
import type { Subscriber } from '@berth/shared/store/news';
import { ensureCustomerUser } from '@berth/shared/store/users';
import type { Browser, SignedInUser, SignIn } from '../sign-in/sign-in.ts';

/** How a customer gets another address: who has the new mailbox confirms it, who has the former one is told. */
export interface ChangeEmail {
  /** Sends a link to the new address. @throws BerthError `customer.not-found`, `sign-in.too-many-tries` */
  request(customer: string, email: string, browser: Browser): Promise<{ validMinutes: number }>;
  /** Makes the change of a link, and signs in by the new address. @throws BerthError `sign-in.failed`, `user.exists` */
  confirm(token: string, browser: Browser): Promise<{ user: SignedInUser; change: EmailChange }>;
}

interface Deps {
  db: Database;
  vault: Vault;
  hints: Hints;
  chance: Chance;
  clock: Pick<Clock, 'date'>;
  signIn: Pick<SignIn, 'byLink' | 'limitTries' | 'limitEmailChanges'>;
  /** where people open the portal */
  publicUrl: string;
}

const TOKEN_BYTES = 32;
const MINUTE_MS = 60_000;
const VALID_MINUTES = 24 * 60;
/** Told for as long as somebody can still do something about it. */
const TOLD_WITHIN_MS = 7 * 24 * 60 * MINUTE_MS;
const AT_ONCE_MS = MINUTE_MS;

export function makeChangeEmail({ db, vault, hints, chance, clock, signIn, publicUrl }: Deps): ChangeEmail {
  const mailTo = (target: string, mail: SignInMail, expiresAt: string): NewDelivery => ({
    messageId: `${mail.purpose}-${chance.newId()}`,
    kind: SIGN_IN_MAIL,
    channel: 'email',
    siteId: null,
    target,
    payload: sealSignInMail(vault, mail, expiresAt),
  });
  const tellFormer = ({ from, to, name, language }: EmailChange): NewDelivery => {
    const mail = { purpose: 'email-changed' as const, language, name, address: to, link: null, code: null };
    const until = new Date(clock.date().getTime() + TOLD_WITHIN_MS).toISOString();
    return mailTo(from, { ...mail, validMinutes: 0 }, until);
  };
  const tell = (change: EmailChange, to: readonly Subscriber[]): NewDelivery[] => [
    ...(change.from ? [tellFormer(change)] : []),
    ...tellOrderSystem(change, to, { id: chance.newId(), at: clock.date() }),
  ];

  return {
    async request(customer, email, browser) {
      await signIn.limitTries('email-change', browser, customer);
      const contact = await findContact(db, customer);
      if (!contact) throw new BerthError('customer.not-found', `there is no customer ${customer}`);
      await signIn.limitEmailChanges({ customer, from: contact.email, to: email });
      const token = chance.bytes(TOKEN_BYTES).toString('base64url');
      const change = { customer, from: contact.email, to: email, token, validMs: VALID_MINUTES * MINUTE_MS };
      const expiresAt = await storeEmailChange(db, change);
      const link = `${publicUrl}/sign-in/address#${token}`;
      const { name, language } = contact;
      const said = { purpose: 'email-change' as const, language, name, address: email, link, code: null };
      await insertDeliveries(db.pool, [mailTo(email, { ...said, validMinutes: VALID_MINUTES }, expiresAt)]);
      hints.send([newsHint]);
      return { validMinutes: VALID_MINUTES };
    },
    async confirm(token, browser) {
      await signIn.limitTries('link', browser);
      const change = await takeEmailChange(db, token, tell);
      if (!change) throw new BerthError('sign-in.failed', 'the link does not work any more; ask for the change again');
      hints.send([newsHint]);
      await ensureCustomerUser(db, change.to);
      const { url } = await makeSignInLink({ db, chance, publicUrl }, { email: change.to, validMs: AT_ONCE_MS });
      return { user: await signIn.byLink(url.split('#')[1] ?? '', browser), change };
    },
  };
}

/** The order system keeps the address as well, and would write to the former one. */
function tellOrderSystem(
  { customer, from, to: email }: EmailChange,
  to: readonly Subscriber[],
  { id, at }: { id: string; at: Date },
): NewDelivery[] {
  const type = 'customer.email_changed';
  const event: WebhookEvent = { type, timestamp: at.toISOString(), data: { customer, email, formerEmail: from } };
  return to
    .filter(({ eventTypes }) => eventTypes.length === 0 || eventTypes.includes(type))
    .map((endpoint) => ({
      messageId: `evt_${id.replaceAll('-', '')}`,
      kind: type,
      channel: 'webhook',
      target: endpoint.id,
      siteId: null,
      payload: event,
    }));
}
