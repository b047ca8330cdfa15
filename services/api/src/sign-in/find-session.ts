import type { SignInWay } from '@berth/contract/identity';
import { type Role, roles } from '@berth/contract/roles';
import type { Database } from '@berth/shared/store/database';
import { isSignedInAdmin } from '@berth/shared/store/sessions';
import type { Request } from 'express';
import type { Auth } from './make-auth.ts';

/** Who has signed in, by the cookie of a request. */
export interface SignedIn {
  sessionId: string;
  token: string;
  signedInBy: SignInWay;
  createdAt: string;
  expiresAt: string;
  /** the admin who sees this with the eyes of a customer */
  impersonatedBy: string | null;
  user: { id: string; email: string; name: string; role: Role; language: 'en' | 'de'; hasSecondFactor: boolean };
}

/** Finds whose session a request belongs to; undefined where it carries none that counts. */
export type FindSession = (request: Request) => Promise<SignedIn | undefined>;

const COOKIE = 'berth.session_token=';

export function makeFindSession({ auth, db }: { auth: Auth; db: Database }): FindSession {
  return async (request) => {
    const { cookie } = request.headers;
    if (!cookie?.includes(COOKIE)) return undefined;
    const found = await auth.api.getSession({ headers: new Headers({ cookie }) });
    if (!found || found.user.banned) return undefined;
    const { session, user } = found;
    // Who is disabled, demoted or signed out meanwhile sees nothing of the customer any more.
    if (session.impersonatedBy && !(await isSignedInAdmin(db, session.impersonatedBy))) return undefined;
    const role = roles.find((one) => one === user.role);
    if (!role) return undefined;
    return {
      sessionId: session.id,
      token: session.token,
      signedInBy: (session.signedInBy ?? 'password') as SignInWay,
      createdAt: session.createdAt.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
      impersonatedBy: session.impersonatedBy ?? null,
      user: {
        id: user.id,
        email: user.email,
        name: user.name,
        role,
        language: user.language === 'de' ? 'de' : 'en',
        hasSecondFactor: user.twoFactorEnabled === true,
      },
    };
  };
}
