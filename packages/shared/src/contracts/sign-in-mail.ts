import { z } from 'zod';
import type { Vault } from '../runtime/vault.ts';

/** The kind of deliveries by which somebody signs in. */
export const SIGN_IN_MAIL = 'sign-in.mail';

/** What such a mail says. Whoever reads it is let in, so that its delivery holds it sealed. */
export const signInMail = z.object({
  language: z.enum(['en', 'de']),
  name: z.string(),
  /** sign-in: for a customer; invitation: for somebody who shall run Berth; email-change: to a customer's new address; email-changed: to the former one */
  purpose: z.enum(['sign-in', 'invitation', 'email-change', 'email-changed']),
  link: z.string().nullable(),
  /** the new address, where one changes */
  address: z.string().nullable().default(null),
  /** what may be typed in place of the link */
  code: z.string().nullable(),
  validMinutes: z.number(),
});

export type SignInMail = z.input<typeof signInMail>;

/** What a delivery holds of it. */
const sealedMail = z.object({ sealed: z.string(), expiresAt: z.iso.datetime() });

export function sealSignInMail(vault: Vault, mail: SignInMail, expiresAt: string): z.output<typeof sealedMail> {
  return { sealed: vault.encrypt(JSON.stringify(mail)), expiresAt };
}

/** @throws ZodError, and BerthError `secrets.unreadable` */
export function openSignInMail(vault: Vault, payload: unknown): { mail: z.output<typeof signInMail>; expiresAt: Date } {
  const { sealed, expiresAt } = sealedMail.parse(payload);
  return { mail: signInMail.parse(JSON.parse(vault.decrypt(sealed).reveal())), expiresAt: new Date(expiresAt) };
}
