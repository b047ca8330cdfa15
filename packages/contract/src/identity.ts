import { z } from 'zod';

import { roles } from './roles.ts';
import { scopes } from './scopes.ts';
import { siteSummary } from './site.ts';

const time = z.iso.datetime();

export const language = z.enum(['en', 'de']);
export const role = z.enum(roles).meta({ id: 'Role' });

export const signInWay = z
  .enum(['link', 'code', 'password', 'second-factor', 'impersonation'])
  .meta({ id: 'SignInWay', description: 'how a session began' });

/** Who asks, and what they may see and do. */
export const me = z
  .object({
    user: z.object({ id: z.uuid(), email: z.string(), name: z.string(), role }),
    language,
    may: z
      .array(z.enum(scopes))
      .meta({ description: "what the role allows, in the words of API keys; a customer's is empty" }),
    customers: z
      .array(z.object({ id: z.string(), name: z.string(), language, notify: z.boolean() }))
      .meta({ description: 'whose sites a customer sees: those with the address that they signed in with' }),
    sites: z
      .array(
        siteSummary.pick({ key: true, customer: true, domain: true, state: true, inMaintenance: true, liveAt: true }),
      )
      .meta({ description: "a customer's own sites, the newest first" }),
    secondFactor: z
      .enum(['not-needed', 'enrolled', 'missing'])
      .meta({ description: 'missing: until it is enrolled, nothing but enrolling it is allowed' }),
    impersonatedBy: z.string().nullable().meta({
      description: 'the e-mail address of the admin who sees this with the eyes of a customer: nothing can be changed',
    }),
    supportEmail: z
      .string()
      .nullable()
      .meta({ description: 'where customers write to for help; null where the installation names nobody' }),
    session: z.object({ id: z.uuid(), signedInBy: signInWay, createdAt: time, expiresAt: time }),
  })
  .meta({ id: 'Me' });

export const session = z
  .object({
    id: z.uuid(),
    current: z.boolean(),
    signedInBy: signInWay,
    ipAddress: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Session' });

const email = z.email('must be an e-mail address').max(254);
const password = z.string().min(1).max(128);

export const signInMailRequest = z.strictObject({ email }).meta({ id: 'SignInMailRequest' });
export const signInLinkRequest = z
  .strictObject({ token: z.string().min(16).max(128) })
  .meta({ id: 'SignInLinkRequest', description: "what the link in the mail has after '#'" });
export const signInCodeRequest = z
  .strictObject({ email, code: z.string().regex(/^\d{6}$/, 'must be 6 digits') })
  .meta({ id: 'SignInCodeRequest' });
export const signInPasswordRequest = z.strictObject({ email, password }).meta({ id: 'SignInPasswordRequest' });
export const secondFactorRequest = z
  .union([
    z.strictObject({ code: z.string().regex(/^\d{6}$/, 'must be 6 digits') }),
    z.strictObject({ recoveryCode: z.string().min(1).max(40) }),
  ])
  .meta({ id: 'SecondFactorRequest' });

/** Whether a mail was sent isn't told: who has an account is nobody's business. */
export const signInMailSent = z.object({ validMinutes: z.int() }).meta({ id: 'SignInMailSent' });

export const signInStep = z
  .object({
    next: z
      .enum(['done', 'second-factor'])
      .meta({ description: 'second-factor: POST /v1/sign-in/second-factors comes next' }),
  })
  .meta({ id: 'SignInStep' });

export const done = z.object({ done: z.literal(true) }).meta({ id: 'Done' });

export type Me = z.output<typeof me>;
export type SessionView = z.output<typeof session>;
export type SignInWay = z.output<typeof signInWay>;
