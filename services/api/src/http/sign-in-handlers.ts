import { BerthError } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { endSession, listSessions } from '@berth/shared/store/sessions';
import type { SignedIn } from '../sign-in/find-session.ts';
import { MAIL_VALID_MINUTES } from '../sign-in/make-auth.ts';
import type { Browser, SignedInUser, SignIn } from '../sign-in/sign-in.ts';
import type { ReadMe } from '../use-cases/read-me.ts';
import { note } from './audit.ts';
import type { Call, Handlers } from './handler-types.ts';

interface Deps {
  db: Database;
  signIn: SignIn;
  readMe: ReadMe;
}

type SignInRoute =
  | 'getMe'
  | 'listSessions'
  | 'endSession'
  | 'signOut'
  | 'sendSignInMail'
  | 'signInByLink'
  | 'signInByCode'
  | 'signInByPassword'
  | 'signInBySecondFactor';

/** What the routes do by which people sign in and out. */
export function makeSignInHandlers({ db, signIn, readMe }: Deps): Pick<Handlers, SignInRoute> {
  const done = { done: true } as const;
  return {
    async getMe(call) {
      const { user, impersonatedBy, sessionId: id, signedInBy, createdAt, expiresAt } = sessionOf(call);
      return readMe({ user, impersonatedBy, session: { id, signedInBy, createdAt, expiresAt } });
    },
    async listSessions(call) {
      const { user, sessionId } = sessionOf(call);
      const sessions = await listSessions(db, user.id);
      return { data: sessions.map((one) => ({ ...one, current: one.id === sessionId })), nextCursor: null };
    },
    async endSession(call) {
      const { user } = sessionOf(call);
      const { sessionId = '' } = call.params;
      if (await endSession(db, user.id, sessionId)) return done;
      throw new BerthError('session.not-found', `there is no session ${sessionId}`);
    },
    async signOut(call) {
      await signIn.out(browserOf(call), sessionOf(call));
      return done;
    },
    async sendSignInMail(call) {
      await signIn.sendMail(call.body.email, browserOf(call));
      return { validMinutes: MAIL_VALID_MINUTES };
    },
    async signInByLink(call) {
      noteWho(call, await signIn.byLink(call.body.token, browserOf(call)));
      return { next: 'done' };
    },
    async signInByCode(call) {
      noteWho(call, await signIn.byCode(call.body.email, call.body.code, browserOf(call)));
      return { next: 'done' };
    },
    async signInByPassword(call) {
      return { next: await signIn.byPassword(call.body.email, call.body.password, browserOf(call)) };
    },
    async signInBySecondFactor(call) {
      noteWho(call, await signIn.bySecondFactor(call.body, browserOf(call)));
      return { next: 'done' };
    },
  };
}

/** The audit tells who has signed in. */
export function noteWho({ response }: Pick<Call, 'response'>, { id, email }: SignedInUser): void {
  note(response, { actor: { kind: 'user', id: `user:${id}`, name: email } });
}

/** @throws BerthError `auth.required` */
export function sessionOf({ caller }: Pick<Call, 'caller'>): SignedIn {
  if (caller.session) return caller.session;
  throw new BerthError('auth.required', 'this takes somebody who has signed in');
}

export function browserOf({ request, response }: Pick<Call, 'request' | 'response'>): Browser {
  return {
    cookie: request.headers.cookie,
    userAgent: request.headers['user-agent'],
    address: request.ip ?? '',
    setCookies: (values) => {
      for (const value of values) response.append('Set-Cookie', value);
    },
  };
}
