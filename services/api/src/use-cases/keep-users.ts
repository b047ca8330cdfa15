import type { UserChange, UserRequest, UserView } from '@berth/contract/user';
import { newsHint } from '@berth/shared/contracts/jobs';
import { SIGN_IN_MAIL, sealSignInMail } from '@berth/shared/contracts/sign-in-mail';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Hints } from '@berth/shared/runtime/hints';
import { INVITATION_VALID_MS, makeInvitation } from '@berth/shared/runtime/sign-in-link';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { insertDeliveries } from '@berth/shared/store/deliveries';
import { addOperator, changeOperator, findUser, listOperators } from '@berth/shared/store/operators';
import { endSessions } from '@berth/shared/store/sessions';

/** An invitation as it is shown, once. */
interface Invited {
  user: UserView;
  url: string;
  expiresAt: string;
}

/** Who runs Berth, and with which role. */
export interface KeepUsers {
  list(): Promise<UserView[]>;
  /** @throws BerthError `user.not-found` */
  get(id: string): Promise<UserView>;
  /** @throws BerthError `user.exists` */
  add(wish: UserRequest): Promise<Invited>;
  /** @throws BerthError `user.not-found`, `user.last-admin` */
  change(id: string, wish: UserChange): Promise<UserView>;
  /** Lets somebody choose a password and a second factor anew. @throws BerthError `user.not-found` */
  invite(id: string): Promise<Invited>;
  signOut(id: string): Promise<UserView>;
}

interface Deps {
  db: Database;
  vault: Vault;
  hints: Hints;
  chance: Chance;
  /** where people open the portal */
  publicUrl: string;
}

const MINUTE_MS = 60_000;

export function makeKeepUsers({ db, vault, hints, chance, publicUrl }: Deps): KeepUsers {
  async function get(id: string): Promise<UserView> {
    const user = await findUser(db, id);
    if (!user || user.role === 'customer') throw new BerthError('user.not-found', `there is no user ${id}`);
    return user;
  }

  async function invite(id: string): Promise<Invited> {
    const user = await get(id);
    const { url, expiresAt } = await makeInvitation({ db, chance, publicUrl }, user.id);
    const validMinutes = INVITATION_VALID_MS / MINUTE_MS;
    const mail = { language: user.language, name: user.name, purpose: 'invitation' as const, link: url, code: null };
    const payload = sealSignInMail(vault, { ...mail, validMinutes }, expiresAt);
    const message = { messageId: `invitation-${chance.newId()}`, kind: SIGN_IN_MAIL, channel: 'email', siteId: null };
    await insertDeliveries(db.pool, [{ ...message, target: user.email, payload }]);
    hints.send([newsHint]);
    return { user, url, expiresAt };
  }

  return {
    list: () => listOperators(db),
    get,
    add: async (wish) => invite(await addOperator(db, wish)),
    async change(id, wish) {
      await changeOperator(db, id, wish);
      return get(id);
    },
    invite,
    async signOut(id) {
      await get(id);
      await endSessions(db, id, null);
      return get(id);
    },
  };
}
