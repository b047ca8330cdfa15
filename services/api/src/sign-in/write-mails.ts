import { newsHint } from '@berth/shared/contracts/jobs';
import { SIGN_IN_MAIL, sealSignInMail } from '@berth/shared/contracts/sign-in-mail';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Log } from '@berth/shared/runtime/log';
import { makeSignInLink } from '@berth/shared/runtime/sign-in-link';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import type { NewDelivery } from '@berth/shared/store/deliveries';
import { endMailWish, type MailWish, storeMailWish, takeMailWish } from '@berth/shared/store/mail-wishes';
import { ensureCustomerUser, findUserByEmail } from '@berth/shared/store/users';
import { type Auth, MAIL_VALID_MINUTES } from './make-auth.ts';

interface Deps {
  db: Database;
  auth: Auth;
  vault: Vault;
  hints: Hints;
  chance: Chance;
  clock: Clock;
  log: Log;
  /** where people open the portal */
  publicUrl: string;
}

/** Writes the mails by which customers sign in. */
export interface SignInMails {
  /** Has a mail written, if the address is a customer's: nobody is told whether. Once this is done it won't be lost. */
  want(email: string): Promise<void>;
  stop(): void;
}

const MINUTE_MS = 60_000;
/** Who was to write a mail and hasn't for so long, has ended. */
const GIVEN_UP_MS = 30_000;
const LOOK_MS = 15_000;

/** Makes them, and goes on writing what a process that has ended left. */
export function startSignInMails({ db, auth, vault, hints, chance, clock, log, publicUrl }: Deps): SignInMails {
  const stopped = new AbortController();
  const validMs = MAIL_VALID_MINUTES * MINUTE_MS;

  async function write(wish: MailWish): Promise<void> {
    const mail = await makeMail(wish.email);
    await endMailWish(db, wish, mail);
    if (mail) hints.send([newsHint]);
  }

  async function makeMail(email: string): Promise<NewDelivery | undefined> {
    const known = await findUserByEmail(db, email);
    if (known && known.role !== 'customer') return undefined;
    const user = await ensureCustomerUser(db, email);
    if (!user || user.isDisabled) return undefined;
    const link = await makeSignInLink({ db, chance, publicUrl }, { email: user.email, validMs });
    const code = await auth.api.createVerificationOTP({ body: { email: user.email, type: 'sign-in' } });
    const said = { purpose: 'sign-in' as const, language: user.language, name: user.name, link: link.url, code };
    return {
      messageId: `sign-in-${chance.newId()}`,
      kind: SIGN_IN_MAIL,
      channel: 'email',
      siteId: null,
      target: user.email,
      payload: sealSignInMail(vault, { ...said, validMinutes: MAIL_VALID_MINUTES }, link.expiresAt),
    };
  }

  const failed = (error: unknown) => log.error({ err: messageOf(error) }, 'sign-in mail could not be written');

  async function writeLeft(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        const wish = await takeMailWish(db, GIVEN_UP_MS);
        if (wish) await write(wish);
        else await clock.wait(LOOK_MS, stopped.signal);
      } catch (error) {
        if (stopped.signal.aborted) return;
        failed(error);
        await clock.wait(LOOK_MS, stopped.signal).catch(() => undefined);
      }
    }
  }

  void writeLeft();
  return {
    async want(email) {
      const wish = await storeMailWish(db, email, validMs);
      // Not waited for: how long it takes would tell whether the address is known.
      void write(wish).catch(failed);
    },
    stop: () => stopped.abort(),
  };
}
