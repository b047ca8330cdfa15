import { z } from 'zod';
import { sentenceValues } from './problem.ts';
import { elsewhereCodes, visitCodes, visitOutcomes, visitParts, visitVerdicts } from './visit-words.ts';

const texts = (what: string, most = 200) =>
  z.array(z.string().trim().min(1).max(253)).max(most).default([]).meta({ description: what });
const ids = (what: string) => z.array(z.uuid()).max(50).default([]).meta({ description: what });

const access = z.strictObject({
  emails: z.array(z.email().max(254)).max(200).default([]),
  emailDomains: texts('whoever has an address of one of them, such as example.org'),
  groups: ids('ids of Access groups'),
  serviceTokens: ids('ids of service tokens, for programs'),
  sessionHours: z.int().min(1).max(720).default(24).meta({ description: 'after so many hours one signs in again' }),
});

const ip = z.strictObject({
  allow: texts('addresses and networks; from nowhere else, where there are any'),
  block: texts('addresses and networks'),
  blockCountries: texts('countries in two letters; T1 is Tor', 250),
});

const rateLimit = z.strictObject({
  requests: z.int().min(1).max(1_000_000).meta({ description: 'of one address within the period' }),
  periodSeconds: z.int().min(1).max(86_400).default(10),
  timeoutSeconds: z.int().min(0).max(86_400).default(10).meta({ description: 'for how long an address is held off' }),
  path: z.string().max(200).default('/').meta({ description: 'what the paths begin with that are counted' }),
  action: z.enum(['block', 'managed_challenge']).default('block'),
});

/** What is wanted, as a whole: what is left away isn't wanted any more. */
export const protectionRequest = z
  .strictObject({
    access: access.nullable().default(null),
    ip: ip.nullable().default(null),
    rateLimit: rateLimit.nullable().default(null),
    underAttack: z.boolean().default(false).meta({ description: 'every visitor is looked at before they get through' }),
  })
  .meta({ id: 'ProtectionRequest' });

const open = {
  access: z
    .object({
      emails: z.array(z.string()),
      emailDomains: z.array(z.string()),
      groups: z.array(z.string()),
      serviceTokens: z.array(z.string()),
      sessionHours: z.number(),
    })
    .nullable(),
  ip: z
    .object({ allow: z.array(z.string()), block: z.array(z.string()), blockCountries: z.array(z.string()) })
    .nullable(),
  rateLimit: z
    .object({
      requests: z.number(),
      periodSeconds: z.number(),
      timeoutSeconds: z.number(),
      path: z.string(),
      action: z.enum(['block', 'managed_challenge']),
    })
    .nullable(),
  underAttack: z.boolean(),
};

const limits = z.object({
  customRules: z.number(),
  rateRules: z.number(),
  longestPeriodSeconds: z.number(),
  longestTimeoutSeconds: z.number(),
  limitsByHost: z.boolean(),
});

/** What protects a site: what is wanted, and how far that is in force. */
export const siteProtection = z
  .object({
    site: z.string(),
    version: z.number().meta({ description: 'grows with each change; 0 as long as nothing was ever wanted' }),
    etag: z.string().meta({
      description:
        'the ETag, in its quotes: what a change of this version names in If-Match. Another site has another one, also under the same key',
    }),
    wanted: z.object(open),
    inForce: z.boolean().meta({ description: 'what is wanted stands at the edge' }),
    standing: z.object(open).meta({ description: 'what stood at the edge when it was last seen as it should be' }),
    inForceAt: z.string().nullable(),
    observedAt: z.string().nullable(),
    requestedAt: z.string().nullable(),
    reason: z.string().meta({ description: 'of the condition policy' }),
    message: z.string(),
    plan: z
      .enum(['free', 'pro', 'business', 'enterprise'])
      .meta({ description: "of the site's zone; free until it was seen" }),
    planSeen: z.boolean(),
    limits,
    hostnames: z.array(z.string()),
  })
  .meta({ id: 'SiteProtection' });

/** Why one field of a wish can't be had: by code for programs and other languages, and as a sentence in English. */
export const protectionProblem = z
  .object({
    pointer: z.string().meta({ description: 'RFC 6901, with a leading #' }),
    code: z.enum([
      'access.no-domain',
      'access.nobody',
      'access.too-many-hostnames',
      'access.applications-full',
      'access.policies-full',
      'ip.no-network',
      'ip.bad-length',
      'ip.host-bits',
      'ip.allows-everybody',
      'ip.blocks-everybody',
      'ip.no-country',
      'ip.all-blocked',
      'ip.rule-too-long',
      'rate.period',
      'rate.timeout',
      'rate.timeout-of-challenge',
      'rate.path',
      'rate.none-left',
    ]),
    values: sentenceValues,
    detail: z.string().meta({ description: 'a sentence in English' }),
  })
  .meta({ id: 'ProtectionProblem' });

/** What should be known of a wish that can be had, in the same way. */
export const protectionNote = z
  .object({
    code: z.enum(['rate.whole-zone', 'rate.each-data-centre', 'attack.programs']),
    values: sentenceValues,
    detail: z.string().meta({ description: 'a sentence in English' }),
  })
  .meta({ id: 'ProtectionNote' });

/** What a wish would change, or has changed. */
export const protectionChange = z
  .object({
    applied: z.boolean().meta({ description: 'false with ?plan=1' }),
    protection: siteProtection,
    changes: z.array(z.object({ part: z.string(), before: z.unknown(), after: z.unknown() })),
    problems: z.array(protectionProblem).meta({ description: 'why it cannot be had; none of an applied change' }),
    notes: z.array(protectionNote).meta({ description: 'what should be known of what can be had' }),
  })
  .meta({ id: 'ProtectionChange' });

export const protectionQuery = z.strictObject({
  plan: z.enum(['0', '1']).default('0').meta({ description: '1: only say what would change, and what cannot be had' }),
});

const visitor = {
  address: z.union([z.ipv4(), z.ipv6()], { error: 'must be an address such as 192.0.2.7 or 2001:db8::7' }).optional(),
  country: z
    .string()
    .regex(/^(?:[A-Za-z]{2}|[Tt]1)$/, 'must be a country in two letters, such as US; T1 is Tor')
    .optional()
    .meta({ description: 'which one an address is of, only Cloudflare knows' }),
  email: z.email().max(254).optional().meta({ description: 'who has signed in' }),
  serviceToken: z.uuid().optional().meta({ description: 'the id of a service token that is shown' }),
};

/** Somebody who would visit. */
export const protectionTestRequest = z.strictObject(visitor).meta({ id: 'ProtectionTestRequest' });

/** Whether they would get in under what is wanted, and why. */
export const protectionTest = z
  .object({
    site: z.string(),
    version: z.number().meta({ description: 'of what was tried' }),
    inForce: z.boolean().meta({ description: 'it stands at the edge as well' }),
    verdict: z.enum(visitVerdicts).meta({
      description:
        'signs-in: is asked who they are; blocked: by address, or a program that is looked at; refused: has signed in, and may not enter; unknown: depends on what was not told',
    }),
    steps: z
      .array(
        z.object({
          part: z.enum(visitParts),
          outcome: z.enum(visitOutcomes),
          code: z.enum(visitCodes),
          detail: z.string(),
          match: z.string().nullable().meta({ description: 'the entry of a list that decided' }),
        }),
      )
      .meta({ description: 'in the order in which the edge asks, up to the one that stops' }),
    elsewhere: z
      .array(
        z.object({
          code: z.enum(elsewhereCodes),
          path: z
            .string()
            .nullable()
            .meta({ description: 'such as mustermann.de/admin; null: a host name of the site' }),
          detail: z.string(),
        }),
      )
      .meta({
        description:
          'where an application of Access that Berth did not make decides who gets in, in place of what was tried; as last seen',
      }),
  })
  .meta({ id: 'ProtectionTest' });

export type ProtectionTestRequest = z.output<typeof protectionTestRequest>;
export type ProtectionTest = z.output<typeof protectionTest>;
export type ProtectionRequest = z.output<typeof protectionRequest>;
export type SiteProtection = z.output<typeof siteProtection>;
export type ProtectionChangeAnswer = z.output<typeof protectionChange>;
export type ProtectionProblem = z.output<typeof protectionProblem>;
export type ProtectionNote = z.output<typeof protectionNote>;
