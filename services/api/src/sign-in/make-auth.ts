import { hkdfSync } from 'node:crypto';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Log } from '@berth/shared/runtime/log';
import type { Secret } from '@berth/shared/runtime/secret';
import type { Database } from '@berth/shared/store/database';
import { modelsOf } from '@berth/shared/store/models';
import { findSecondFactorSecret, useSecondFactorStep } from '@berth/shared/store/second-factors';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { APIError } from 'better-auth/api';
import { symmetricDecrypt } from 'better-auth/crypto';
import { betterAuth } from 'better-auth/minimal';
import { admin } from 'better-auth/plugins/admin';
import { adminAc, userAc } from 'better-auth/plugins/admin/access';
import { emailOTP } from 'better-auth/plugins/email-otp';
import { magicLink } from 'better-auth/plugins/magic-link';
import { twoFactor } from 'better-auth/plugins/two-factor';
import { stepOfCode } from './totp-step.ts';

/** How long a link and a code of a mail work. */
export const MAIL_VALID_MINUTES = 15;

const SECOND = 1;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Customers come seldom; who runs Berth can do harm, and signs in each working day. */
const LASTS_S = { customer: 30 * DAY, operators: 12 * HOUR, impersonation: HOUR } as const;
const SECOND_MS = 1000;
const CODE_TRIES = 3;
const PASSWORD_LENGTH = { min: 12, max: 128 } as const;

interface AuthDeps {
  db: Database;
  /** `BERTH_SECRETS_KEY`: cookies are signed and second factors sealed with keys derived from it */
  secretsKey: Secret;
  /** where people open the portal */
  publicUrl: string;
  clock: Clock;
  log: Log;
}

/**
 * The library that keeps passwords, second factors, one-time links and codes, and sessions. It isn't reachable by itself: the routes of the
 * contract call it, so that limits, the audit and the form of refusals are the same everywhere.
 */
export function makeAuth({ db, secretsKey, publicUrl, clock, log }: AuthDeps) {
  return betterAuth({
    appName: 'Berth',
    baseURL: publicUrl,
    basePath: '/v1/auth',
    database: prismaAdapter(modelsOf(db), { provider: 'postgresql' }),
    secrets: secretsOf(secretsKey),
    telemetry: { enabled: false },
    logger: {
      log: (level, message, ...more) => {
        if (level === 'error') log.warn({ err: more.map(messageOf).join('; ') || message }, 'sign-in library');
      },
    },
    rateLimit: { enabled: false },
    session: {
      expiresIn: LASTS_S.customer,
      disableSessionRefresh: true,
      freshAge: 0,
      additionalFields: { signedInBy: { type: 'string', required: false, input: false } },
    },
    user: { additionalFields: { language: { type: 'string', required: false, input: false } } },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
    },
    plugins: [
      magicLink({
        disableSignUp: true,
        storeToken: 'hashed',
        expiresIn: MAIL_VALID_MINUTES * MINUTE,
        sendMagicLink: nothing,
      }),
      emailOTP({
        disableSignUp: true,
        storeOTP: 'hashed',
        expiresIn: MAIL_VALID_MINUTES * MINUTE,
        allowedAttempts: CODE_TRIES,
        sendVerificationOTP: nothing,
      }),
      twoFactor({ issuer: 'Berth', backupCodeOptions: { amount: 10, length: 10 } }),
      admin({
        defaultRole: 'customer',
        adminRoles: ['admin'],
        roles: { admin: adminAc, operator: userAc, viewer: userAc, customer: userAc },
        impersonationSessionDuration: LASTS_S.impersonation,
      }),
    ],
    databaseHooks: { session: { create: { before: decideSession(db, clock) } } },
    advanced: {
      cookiePrefix: 'berth',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'lax', httpOnly: true },
      database: { generateId: 'uuid' },
      ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS_HEADER] },
    },
  });
}

export type Auth = ReturnType<typeof makeAuth>;

/** By which the library is told the address that Express found, whatever the caller sent. */
export const CLIENT_ADDRESS_HEADER = 'x-berth-client-address';

/** Mails are written by the use case that asks for the link and the code, both into one. */
const nothing = async () => undefined;

const WAY_OF_PATH: Readonly<Record<string, string>> = {
  '/magic-link/verify': 'link',
  '/sign-in/email-otp': 'code',
  '/sign-in/email': 'password',
  '/two-factor/verify-totp': 'second-factor',
  '/two-factor/verify-backup-code': 'second-factor',
  '/admin/impersonate-user': 'impersonation',
};

interface HookContext {
  path?: string;
  body?: { code?: unknown };
  context: { secretConfig: Parameters<typeof symmetricDecrypt>[0]['key'] };
}

/** How a session began, and how long it lasts by the role of who signed in. The code of an authenticator app begins one, not two. */
function decideSession(db: Database, clock: Clock) {
  return async (session: { userId: string; impersonatedBy?: unknown }, context: HookContext | null) => {
    if (context?.path === '/two-factor/verify-totp') await useUp(db, clock, session.userId, context);
    const signedInBy = WAY_OF_PATH[context?.path ?? ''] ?? 'password';
    if (session.impersonatedBy) return { data: { ...session, signedInBy } };
    const user = await modelsOf(db).user.findUnique({ where: { id: session.userId }, select: { role: true } });
    const lastsS = user?.role === 'customer' ? LASTS_S.customer : LASTS_S.operators;
    return { data: { ...session, signedInBy, expiresAt: new Date(clock.date().getTime() + lastsS * SECOND_MS) } };
  };
}

/** RFC 6238, 5.2: who has looked over a shoulder must not get in by the same code, which the library would take for a minute and a half. */
async function useUp(db: Database, clock: Clock, userId: string, { body, context }: HookContext): Promise<void> {
  const sealed = await findSecondFactorSecret(db, userId);
  const secret = sealed && (await symmetricDecrypt({ key: context.secretConfig, data: sealed }));
  const step = secret && stepOfCode(secret, String(body?.code), clock.date());
  if (step && (await useSecondFactorStep(db, userId, step))) return;
  throw new APIError('UNAUTHORIZED', { message: 'the code was used already' });
}

/** One for each key, the newest first. What was sealed with one stays readable as long as its key is given. */
function secretsOf(keys: Secret): { version: number; value: string }[] {
  return keys
    .reveal()
    .split(',')
    .map((key) => {
      const bytes = Buffer.from(key.trim(), 'base64');
      const derived = (info: string, length: number) => Buffer.from(hkdfSync('sha256', bytes, '', info, length));
      // A number that belongs to the key, wherever in the list it stands.
      return {
        version: derived('berth sign-in version', 4).readUInt32BE() >>> 1,
        value: derived('berth sign-in', 32).toString('base64'),
      };
    });
}
