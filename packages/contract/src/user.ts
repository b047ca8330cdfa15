import { z } from 'zod';
import { language, role } from './identity.ts';
import { operatorRoles } from './roles.ts';

const time = z.iso.datetime();
const operatorRole = z.enum(operatorRoles);

/** Somebody who signs in. */
export const user = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    role,
    language,
    disabled: z.boolean(),
    hasPassword: z.boolean(),
    hasSecondFactor: z.boolean(),
    sessions: z.int().meta({ description: 'how many are open' }),
    lastSignedInAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'User' });

export const userRequest = z
  .strictObject({
    email: z.email('must be an e-mail address').max(254),
    name: z.string().trim().min(1).max(200),
    role: operatorRole,
    language: language.default('en'),
  })
  .meta({ id: 'UserRequest' });

export const userChange = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    role: operatorRole.optional(),
    disabled: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'must change something')
  .meta({ id: 'UserChange' });

/** By which somebody chooses a password, and begins anew with a second factor. */
export const invitation = z
  .object({
    user,
    url: z.string().meta({ description: 'shown this once; also in the mail' }),
    expiresAt: time,
  })
  .meta({ id: 'Invitation' });

export const invitationRequest = z.strictObject({}).meta({ id: 'InvitationRequest' });

const newPassword = z.string().min(12, 'must have at least 12 characters').max(128, 'must have at most 128 characters');
const password = z.string().min(1).max(128);

export const acceptInvitationRequest = z
  .strictObject({ token: z.string().min(16).max(128), password: newPassword })
  .meta({ id: 'AcceptInvitationRequest' });

export const passwordChange = z
  .strictObject({ current: password, new: newPassword })
  .meta({ id: 'PasswordChange', description: 'ends all other sessions' });

export const passwordProof = z.strictObject({ password }).meta({ id: 'PasswordProof' });

export const secondFactorBegun = z
  .object({
    uri: z.string().meta({ description: 'otpauth://…, for the QR code of an authenticator app' }),
    recoveryCodes: z.array(z.string()).meta({ description: 'each works once in place of a code; shown this once' }),
  })
  .meta({ id: 'SecondFactorBegun' });

export const secondFactorConfirmation = z
  .strictObject({ code: z.string().regex(/^\d{6}$/, 'must be 6 digits') })
  .meta({ id: 'SecondFactorConfirmation' });

export const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });

export const impersonationRequest = z
  .strictObject({ customer: z.string().min(1).max(40).meta({ description: "the order system's id" }) })
  .meta({ id: 'ImpersonationRequest' });

export type UserView = z.output<typeof user>;
export type UserRequest = z.output<typeof userRequest>;
export type UserChange = z.output<typeof userChange>;
