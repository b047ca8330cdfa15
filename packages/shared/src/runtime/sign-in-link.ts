import type { Database } from '../store/database.ts';
import { storeInvitation } from '../store/operators.ts';
import { storeSignInLink } from '../store/users.ts';
import type { Chance } from './chance.ts';

interface Deps {
  db: Database;
  chance: Pick<Chance, 'bytes'>;
  /** where people open the portal */
  publicUrl: string;
}

const TOKEN_BYTES = 32;

/** A link that signs somebody in, once. It opens a page with a button: programs that look at mails open links, and press nothing. */
export interface SignInLink {
  url: string;
  expiresAt: string;
}

/** Makes a link for somebody who has an account. Its token is after '#', which no browser sends to a server and no log holds. */
export async function makeSignInLink(
  { db, chance, publicUrl }: Deps,
  { email, validMs }: { email: string; validMs: number },
): Promise<SignInLink> {
  const token = chance.bytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = await storeSignInLink(db, { email, token, validMs });
  return { url: `${publicUrl}/sign-in/link#${token}`, expiresAt };
}

/** Who is invited may be away for a weekend. */
export const INVITATION_VALID_MS = 3 * 86_400_000;

/** Makes a link by which somebody who runs Berth chooses a password and a second factor; former ones work no more. */
export async function makeInvitation({ db, chance, publicUrl }: Deps, userId: string): Promise<SignInLink> {
  const token = chance.bytes(TOKEN_BYTES).toString('base64url');
  const expiresAt = await storeInvitation(db, { userId, token, validMs: INVITATION_VALID_MS });
  return { url: `${publicUrl}/sign-in/invitation#${token}`, expiresAt };
}
