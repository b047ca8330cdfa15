import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { ensureCustomerUser, findCustomerEmail } from '@berth/shared/store/users';
import type { OwnAccount } from '../sign-in/own-account.ts';
import type { KeepUsers } from '../use-cases/keep-users.ts';
import type { Handlers } from './handlers.ts';
import { browserOf, sessionOf } from './sign-in-handlers.ts';

interface Deps {
  db: Database;
  ownAccount: OwnAccount;
  users: KeepUsers;
}

type AccountRoute =
  | 'acceptInvitation'
  | 'changePassword'
  | 'beginSecondFactor'
  | 'confirmSecondFactor'
  | 'renewRecoveryCodes'
  | 'beginImpersonation'
  | 'endImpersonation'
  | 'listUsers'
  | 'addUser'
  | 'changeUser'
  | 'inviteUser'
  | 'signOutUser';

/** What the routes do about accounts: one's own, and those of others. */
export function makeAccountHandlers({ db, ownAccount, users }: Deps): Pick<Handlers, AccountRoute> {
  const done = { done: true } as const;
  return {
    async acceptInvitation(call) {
      await ownAccount.acceptInvitation(call.body.token, call.body.password, browserOf(call));
      return { next: 'done' };
    },
    async changePassword(call) {
      await ownAccount.changePassword(call.body, browserOf(call));
      return done;
    },
    beginSecondFactor: (call) => ownAccount.beginSecondFactor(call.body.password, browserOf(call)),
    async confirmSecondFactor(call) {
      await ownAccount.confirmSecondFactor(call.body.code, browserOf(call));
      return done;
    },
    async renewRecoveryCodes(call) {
      return { recoveryCodes: await ownAccount.renewRecoveryCodes(call.body.password, browserOf(call)) };
    },
    async beginImpersonation(call) {
      sessionOf(call);
      const { customer } = call.body;
      const email = await findCustomerEmail(db, customer);
      const user = email ? await ensureCustomerUser(db, email) : undefined;
      if (user?.role !== 'customer')
        throw new BerthError('customer.not-found', `no customer ${customer} could sign in`);
      await ownAccount.impersonate(user.id, browserOf(call));
      return done;
    },
    async endImpersonation(call) {
      await ownAccount.endImpersonation(browserOf(call));
      return done;
    },
    listUsers: async () => ({ data: await users.list(), nextCursor: null }),
    addUser: ({ body }) => users.add(body),
    changeUser: ({ params, body }) => users.change(params.userId ?? '', body),
    inviteUser: ({ params }) => users.invite(params.userId ?? ''),
    signOutUser: ({ params }) => users.signOut(params.userId ?? ''),
  };
}
