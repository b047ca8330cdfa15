/** Whether somebody would get in: `signs-in` is asked who they are, `refused` has signed in and isn't meant. */
export const visitVerdicts = ['enters', 'signs-in', 'blocked', 'refused', 'unknown'] as const;

/** What one part of a protection does with them. */
export const visitOutcomes = ['passes', 'asks', 'stops', 'unknown'] as const;

/** Why a part of a protection lets somebody pass, or doesn't. */
export const visitCodes = [
  'ip.open',
  'ip.allowed',
  'ip.not-blocked',
  'ip.blocked',
  'ip.country-blocked',
  'ip.not-allowed',
  'ip.address-unknown',
  'ip.country-unknown',
  'attack.looked-at',
  'attack.program',
  'rate.counted',
  'access.open',
  'access.email',
  'access.email-domain',
  'access.service-token',
  'access.sign-in',
  'access.not-meant',
  'access.group-unknown',
] as const;

/** In the order in which the edge asks. */
export const visitParts = ['ip', 'underAttack', 'rateLimit', 'access'] as const;

/** Of what an application of Access that Berth did not make decides: paths below a host name, or all of it. */
export const elsewhereCodes = ['path', 'hostname'] as const;

export type ElsewhereCode = (typeof elsewhereCodes)[number];
export type VisitVerdict = (typeof visitVerdicts)[number];
export type VisitOutcome = (typeof visitOutcomes)[number];
export type VisitCode = (typeof visitCodes)[number];
export type VisitPart = (typeof visitParts)[number];
