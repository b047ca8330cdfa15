import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { ensureCustomerUser, findCustomerEmail } from '@berth/shared/store/users';
import type { OwnAccount } from '../sign-in/own-account.ts';
import type { ChangeEmail } from '../use-cases/change-email.ts';
import type { KeepUsers } from '../use-cases/keep-users.ts';
import { note } from './audit.ts';
import type { Handlers } from './handler-types.ts';
import { browserOf, noteWho, sessionOf } from './sign-in-handlers.ts';

interface Deps {
  db: Database;
  ownAccount: OwnAccount;
  users: KeepUsers;
  changeEmail: ChangeEmail;
}

type AccountRoute =
  | 'acceptInvitation'
  | 'changePassword'
  | 'beginSecondFactor'
  | 'confirmSecondFactor'
  | 'renewRecoveryCodes'
  | 'beginImpersonation'
  | 'endImpersonation'
  | 'requestEmailChange'
  | 'confirmEmailChange'
  | 'listUsers'
  | 'addUser'
  | 'changeUser'
  | 'inviteUser'
  | 'signOutUser';

/** What the routes do about accounts: one's own, and those of others. */
export function makeAccountHandlers({ db, ownAccount, users, changeEmail }: Deps): Pick<Handlers, AccountRoute> {
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
      await ownAccount.confirmSecondFactor(call.body.code, sessionOf(call), browserOf(call));
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
    requestEmailChange: (call) => changeEmail.request(call.params.customer ?? '', call.body.email, browserOf(call)),
    async confirmEmailChange(call) {
      const { user, change } = await changeEmail.confirm(call.body.token, browserOf(call));
      const { customer, from, to } = change;
      noteWho(call, user);
      note(call.response, { before: { customer, email: from }, after: { customer, email: to } });
      return { email: user.email };
    },
    listUsers: async () => ({ data: await users.list(), nextCursor: null }),
    addUser: ({ body }) => users.add(body),
    changeUser: ({ params, body }) => users.change(params.userId ?? '', body),
    inviteUser: ({ params }) => users.invite(params.userId ?? ''),
    signOutUser: ({ params }) => users.signOut(params.userId ?? ''),
  };
}
