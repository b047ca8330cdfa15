import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { isInvited, takeInvitation } from '@berth/shared/store/operators';
import { endSessionsWithoutSecondFactor } from '@berth/shared/store/sessions';
import { isAPIError } from 'better-auth/api';
import type { SignedIn } from './find-session.ts';
import type { Auth } from './make-auth.ts';
import { asking } from './refusals.ts';
import { type Browser, headersOf, type SignIn } from './sign-in.ts';

/** What people who run Berth do with their own account, and an admin with a customer's eyes. */
export interface OwnAccount {
  /** Chooses a password by an invitation, and signs in with it. */
  acceptInvitation(token: string, password: string, browser: Browser): Promise<void>;
  changePassword(change: { current: string; new: string }, browser: Browser): Promise<void>;
  /** @throws BerthError `second-factor.enrolled` */
  beginSecondFactor(password: string, browser: Browser): Promise<{ uri: string; recoveryCodes: string[] }>;
  /** Ends all other sessions that began by the password alone: from now on it isn't enough. */
  confirmSecondFactor(code: string, own: Pick<SignedIn, 'sessionId' | 'user'>, browser: Browser): Promise<void>;
  renewRecoveryCodes(password: string, browser: Browser): Promise<string[]>;
  /** Sees the portal as this user, for an hour. */
  impersonate(userId: string, browser: Browser): Promise<void>;
  endImpersonation(browser: Browser): Promise<void>;
}

interface Deps {
  db: Database;
  auth: Auth;
  signIn: Pick<SignIn, 'byPassword' | 'limitTries'>;
}

export function makeOwnAccount({ db, auth, signIn }: Deps): OwnAccount {
  const ask = async <T>(what: string, browser: Browser, call: () => Promise<{ headers: Headers; response: T }>) => {
    const { headers, response } = await asking(what, call);
    browser.setCookies(headers.getSetCookie());
    return response;
  };
  const WRONG_PASSWORD = 'the password is wrong';
  const sentBy = (browser: Browser) => ({ headers: headersOf(browser), returnHeaders: true }) as const;

  return {
    async acceptInvitation(token, password, browser) {
      await signIn.limitTries('invitation', browser);
      const failed = () =>
        new BerthError('sign-in.failed', 'the invitation does not work any more; ask an admin for a new one');
      // A password costs a tenth of a second to hash: not for everybody who asks.
      if (!(await isInvited(db, token))) throw failed();
      const context = await auth.$context;
      const email = await takeInvitation(db, { token, passwordHash: await context.password.hash(password) });
      if (!email) throw failed();
      await signIn.byPassword(email, password, browser);
    },
    async changePassword({ current, new: newPassword }, browser) {
      await signIn.limitTries('password', browser);
      const body = { currentPassword: current, newPassword, revokeOtherSessions: true };
      await ask(WRONG_PASSWORD, browser, () => auth.api.changePassword({ body, ...sentBy(browser) }));
    },
    async beginSecondFactor(password, browser) {
      await signIn.limitTries('password', browser);
      const begun = await ask(WRONG_PASSWORD, browser, async () => {
        try {
          return await auth.api.enableTwoFactor({ body: { password, method: 'totp' }, ...sentBy(browser) });
        } catch (error) {
          if (isAPIError(error) && error.body?.code === 'TOTP_ALREADY_ENABLED') {
            throw new BerthError('second-factor.enrolled', 'a second factor is enrolled already');
          }
          throw error;
        }
      });
      if (!('totpURI' in begun)) throw new Error('the library gave no secret');
      return { uri: begun.totpURI, recoveryCodes: begun.backupCodes };
    },
    async confirmSecondFactor(code, { sessionId, user }, browser) {
      await signIn.limitTries('second-factor', browser);
      // Also before: nobody else's is left when the process ends as soon as the factor counts.
      await endSessionsWithoutSecondFactor(db, user.id, sessionId);
      await ask('the code is wrong', browser, () => auth.api.verifyTOTP({ body: { code }, ...sentBy(browser) }));
      await endSessionsWithoutSecondFactor(db, user.id, sessionId);
    },
    async renewRecoveryCodes(password, browser) {
      await signIn.limitTries('password', browser);
      const answer = await ask(WRONG_PASSWORD, browser, () =>
        auth.api.generateBackupCodes({ body: { password }, ...sentBy(browser) }),
      );
      return answer.backupCodes;
    },
    async impersonate(userId, browser) {
      await ask('nobody may be seen as now', browser, () =>
        auth.api.impersonateUser({ body: { userId }, ...sentBy(browser) }),
      );
    },
    async endImpersonation(browser) {
      await ask('nobody is seen as now', browser, () => auth.api.stopImpersonating(sentBy(browser)));
    },
  };
}
