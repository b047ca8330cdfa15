import { shortenAddress } from '@berth/shared/domain/shorten-address';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { countUp } from '@berth/shared/store/rate-limits';
import { endSession } from '@berth/shared/store/sessions';
import { isAPIError } from 'better-auth/api';
import type { SignedIn } from './find-session.ts';
import { type Auth, CLIENT_ADDRESS_HEADER } from './make-auth.ts';
import { asking } from './refusals.ts';
import type { SignInMails } from './write-mails.ts';

/** The browser that asks: what it has, and what the library gives it. */
export interface Browser {
  cookie: string | undefined;
  userAgent: string | undefined;
  address: string;
  /** `Set-Cookie` headers go here */
  setCookies(values: readonly string[]): void;
}

/** Who it was. */
export interface SignedInUser {
  id: string;
  email: string;
}

/** How people sign in and out. */
export interface SignIn {
  /** Sends a mail with a link and a code, if the address is a customer's; nobody is told whether. */
  sendMail(email: string, browser: Browser): Promise<void>;
  byLink(token: string, browser: Browser): Promise<SignedInUser>;
  byCode(email: string, code: string, browser: Browser): Promise<SignedInUser>;
  /** @returns whether a second factor has to follow */
  byPassword(email: string, password: string, browser: Browser): Promise<'done' | 'second-factor'>;
  bySecondFactor(factor: { code: string } | { recoveryCode: string }, browser: Browser): Promise<SignedInUser>;
  /** Who looks with a customer's eyes is signed out of their own session as well. */
  out(browser: Browser, session: Pick<SignedIn, 'impersonatedBy'>): Promise<void>;
  /** Counts one more try of a kind. @throws BerthError `sign-in.too-many-tries` */
  limitTries(way: string, browser: Browser, email?: string): Promise<void>;
  /** Counts one more mail that asks a new mailbox whether a customer has it. @throws BerthError `sign-in.too-many-tries` */
  limitEmailChanges(change: { customer: string; from: string; to: string }): Promise<void>;
}

interface Deps {
  db: Database;
  auth: Auth;
  mails: Pick<SignInMails, 'want'>;
}

const MINUTE_MS = 60_000;
const WINDOW_MS = 15 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const MOST = {
  mailsOfAddress: 5,
  mailsOfPlace: 30,
  triesOfAddress: 10,
  triesOfPlace: 60,
  codesOfAddressADay: 20,
  changesOfCustomerADay: 20,
  changesToAddressADay: 5,
} as const;

export function makeSignIn({ db, auth, mails }: Deps): SignIn {
  const limit = async (of: string, by: string, most: number, withinMs = WINDOW_MS) => {
    const retryAfterMs = await countUp(db, { of, by, most, withinMs });
    if (retryAfterMs === undefined) return;
    throw new BerthError('sign-in.too-many-tries', 'too often; please wait a while', { retryAfterMs });
  };
  const limitTries = async (way: string, browser: Browser, email?: string) => {
    await limit(`${way}-place`, placeOf(browser), MOST.triesOfPlace);
    if (email) await limit(way, email.toLowerCase(), MOST.triesOfAddress);
  };
  /** Runs a call of the library and hands on its cookies. */
  const ask = async <T>(what: string, browser: Browser, call: () => Promise<{ headers: Headers; response: T }>) => {
    const { headers, response } = await asking(what, call);
    browser.setCookies(headers.getSetCookie());
    return response;
  };

  /** Ends the session in which somebody began to look with a customer's eyes. Where the browser has lost it, there is nothing to find it by. */
  const endBehind = async (browser: Browser, adminId: string) => {
    const stopped = await auth.api
      .stopImpersonating({ headers: headersOf(browser), returnHeaders: true })
      .catch((error: unknown) => {
        if (isAPIError(error)) return undefined;
        throw error;
      });
    if (!stopped) return;
    await endSession(db, adminId, stopped.response.session.id);
    // What gives the browser that session back is not for it any more.
    browser.setCookies(stopped.headers.getSetCookie().filter((cookie) => /; *max-age=0(;|$)/i.test(cookie)));
  };

  return {
    limitTries,
    // The mail goes to whatever address somebody names: it must be of no use to pester strangers with.
    async limitEmailChanges({ customer, from, to }) {
      await limit('email-change-day', customer, MOST.changesOfCustomerADay, DAY_MS);
      if (from) await limit('email-change-from', from.toLowerCase(), MOST.changesOfCustomerADay, DAY_MS);
      await limit('email-change-to', to.toLowerCase(), MOST.changesToAddressADay, DAY_MS);
    },
    async sendMail(email, browser) {
      await limit('sign-in-mail-place', placeOf(browser), MOST.mailsOfPlace);
      await limit('sign-in-mail', email.toLowerCase(), MOST.mailsOfAddress);
      await mails.want(email);
    },
    async byLink(token, browser) {
      await limitTries('link', browser);
      const answer = await ask('the link does not work any more; ask for a new one', browser, () =>
        auth.api.magicLinkVerify({ query: { token }, headers: headersOf(browser), returnHeaders: true }),
      );
      return answer.user;
    },
    async byCode(email, otp, browser) {
      await limitTries('code', browser, email);
      // Six digits are few: who has many places to guess from has to do with few guesses a day. The link of the same mail goes on working.
      await limit('code-day', email.toLowerCase(), MOST.codesOfAddressADay, DAY_MS);
      const answer = await ask('the code is wrong or does not work any more', browser, () =>
        auth.api.signInEmailOTP({
          body: { email: email.toLowerCase(), otp },
          headers: headersOf(browser),
          returnHeaders: true,
        }),
      );
      return answer.user;
    },
    async byPassword(email, password, browser) {
      await limitTries('password', browser, email);
      const body = { email: email.toLowerCase(), password };
      const answer = await ask('the address or the password is wrong', browser, () =>
        auth.api.signInEmail({ body, headers: headersOf(browser), returnHeaders: true }),
      );
      return 'twoFactorRedirect' in answer ? 'second-factor' : 'done';
    },
    async bySecondFactor(factor, browser) {
      await limitTries('second-factor', browser);
      const headers = headersOf(browser);
      const answer = await ask('the code is wrong', browser, async () =>
        'code' in factor
          ? auth.api.verifyTOTP({ body: { code: factor.code }, headers, returnHeaders: true })
          : auth.api.verifyBackupCode({ body: { code: factor.recoveryCode }, headers, returnHeaders: true }),
      );
      return answer.user;
    },
    async out(browser, { impersonatedBy }) {
      if (impersonatedBy) await endBehind(browser, impersonatedBy);
      await ask('there is no session', browser, () =>
        auth.api.signOut({ headers: headersOf(browser), returnHeaders: true }),
      );
    },
  };
}

/** Who has one address of IPv6 has its whole /64 network: each of them counted for itself would be no limit. */
const placeOf = ({ address }: Browser) => shortenAddress(address, { ipv4: 32, ipv6: 64 }) ?? address;

export function headersOf({ cookie, userAgent, address }: Browser): Headers {
  return new Headers({
    ...(cookie && { cookie }),
    ...(userAgent && { 'user-agent': userAgent.slice(0, 300) }),
    [CLIENT_ADDRESS_HEADER]: address,
  });
}
