import { isIP } from 'node:net';
import { ApiError } from '../api-error.ts';
import { networkTest } from '../rules/address-tests.ts';
import { isObject } from '../rules/rule.ts';
import { ExpressionError } from '../rules/tokens.ts';

/** Whom Access sees: nobody in particular, somebody who has signed in, or a program with a service token. */
export interface Identity {
  address: string;
  country: string;
  email?: string | undefined;
  /** the id of a valid service token */
  serviceToken?: string | undefined;
}

/** A rule of a policy, in Cloudflare's words: an object of one field. */
export type AccessRule = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface RuleKind {
  /** the field of the value, whose text it is; undefined: there is none */
  field: string | undefined;
  isValid?: (text: string) => boolean;
  holds: (text: string, identity: Identity) => boolean;
}

/** The part of an address behind its @. */
const domainOf = (email: string) => email.slice(email.lastIndexOf('@') + 1);
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const isNetwork = (text: string) => {
  try {
    networkTest(text.includes('/') ? text : `${text}/${isIP(text) === 6 ? 128 : 32}`);
    return true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
};

/** Groups are known by their id alone here: nobody is in one. */
const kinds: Readonly<Record<string, RuleKind>> = {
  everyone: { field: undefined, holds: () => true },
  email: {
    field: 'email',
    isValid: (text) => /^[^@\s]+@[^@\s]+$/.test(text),
    holds: (text, { email }) => email !== undefined && same(email, text),
  },
  email_domain: {
    field: 'domain',
    isValid: (text) => !text.includes('@'),
    holds: (text, { email }) => email !== undefined && same(domainOf(email), text),
  },
  ip: { field: 'ip', isValid: isNetwork, holds: (text, { address }) => networkTest(text)(address) },
  geo: {
    field: 'country_code',
    isValid: (text) => /^[A-Z]{2}$/.test(text),
    holds: (text, { country }) => country === text,
  },
  service_token: { field: 'token_id', holds: (text, { serviceToken }) => serviceToken === text },
  any_valid_service_token: { field: undefined, holds: (_, { serviceToken }) => serviceToken !== undefined },
  group: { field: 'id', holds: () => false },
};

/** Rules from what was sent. @throws ApiError */
export function makeAccessRules(body: unknown, name: string): AccessRule[] {
  if (!Array.isArray(body)) throw invalid(`${name} must be a list`);
  for (const rule of body as unknown[]) check(rule, name);
  return body as AccessRule[];
}

function check(rule: unknown, name: string): void {
  if (!isObject(rule)) throw invalid(`${name} has a rule that is no object`);
  const [kind = '', ...more] = Object.keys(rule);
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  const value = rule[kind];
  if (!known || more.length > 0 || !isObject(value)) throw invalid(`${name} has a rule that is not known`);
  if (known.field === undefined) return;
  const text = value[known.field];
  if (typeof text !== 'string' || text === '' || known.isValid?.(text) === false) {
    throw invalid(`${name}.${kind}.${known.field} is not valid`);
  }
}

/** Whether a rule means somebody. */
export function means(rule: AccessRule, identity: Identity): boolean {
  const [[kind, value] = ['', {}]] = Object.entries(rule);
  const known = kinds[kind];
  return known?.holds(String(known.field === undefined ? '' : value[known.field]), identity) ?? false;
}

/** The codes of what isn't valid are not known from the real service, the word of its messages is. */
export function invalid(why: string): ApiError {
  return new ApiError(400, 12_130, `access.api.error.invalid_request: ${why}`);
}
