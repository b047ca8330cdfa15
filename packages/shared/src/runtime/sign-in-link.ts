import type { Database } from '../store/database.ts';
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
