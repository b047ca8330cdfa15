/**
 * Why something that is wanted of a protection can't be had, by code, in English; `{…}` is filled in. Who reads the API goes by codes, and
 * says them in other languages with the same values: a code stays what it means, and loses none of its values.
 */
export const problemTexts = {
  'access.no-domain': '{given} must be a domain such as example.org',
  'access.nobody':
    'names nobody who may enter: give e-mails, emailDomains, groups or serviceTokens, or leave access away',
  'access.too-many-hostnames':
    'an application of Access guards {most} host names at most, and this site has {hostnames}',
  'access.applications-full':
    'the Cloudflare account has its {most} applications of Access already: take one away first',
  'access.policies-full':
    'the Cloudflare account has {most} policies of Access, and no room for those of this site, one for people and one for programs: take others away first',
  'ip.no-network': '{given} must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32',
  'ip.bad-length': '{given} must have a length from 0 to {most}',
  'ip.host-bits': '{given} is no network: write {network} for the network, or {address} for the address alone',
  'ip.allows-everybody': '{network} allows every address: leave the list away for that',
  'ip.blocks-everybody': '{network} blocks everybody, also you: list networks, or countries',
  'ip.no-country': '{given} must be a country in two letters, such as US; T1 is Tor',
  'ip.all-blocked': 'all of it is blocked as well, so that nobody could enter',
  'ip.rule-too-long':
    'makes a rule of {length} characters, and Cloudflare takes {most}: name larger networks, or fewer',
  'rate.period': 'the plan {plan} of the zone counts over {seconds} seconds',
  'rate.timeout': 'the plan {plan} of the zone holds off for {seconds} seconds',
  'rate.timeout-of-challenge': 'must be 0 with a challenge: each request that is too much is challenged',
  'rate.path': 'must begin with / and consist of letters, digits and -._~/',
  'rate.none-left':
    'the plan {plan} of the zone gives no more than {most} such rules, and other sites of the zone have as many',
} as const;

/** What should be known of something that can be had, in the same way. */
export const noteTexts = {
  'rate.whole-zone':
    'the plan {plan} knows no host names in limits: requests to all host names of the zone of {hostname} are counted',
  'rate.each-data-centre': 'each of Cloudflare’s data centres counts for itself',
  'attack.programs':
    'programs such as feeds and payment services do not get through either: take it away when the attack is over',
} as const;

export type ProblemCode = keyof typeof problemTexts;
export type NoteCode = keyof typeof noteTexts;

/** A sentence that can be said in any language. */
export interface Said<C extends string> {
  code: C;
  /** what it names */
  values: Record<string, string | number>;
  /** the whole of it in English */
  detail: string;
}

type Named<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never;
type Values<T extends string> = Record<Named<T>, string | number>;

/** Why something can't be had. @param values all that the sentence of `code` names */
export function sayProblem<C extends ProblemCode>(
  code: C,
  values: Values<(typeof problemTexts)[C]>,
): Said<ProblemCode> {
  return { code, values, detail: fill(problemTexts[code], values) };
}

/** What should be known. @param values all that the sentence of `code` names */
export function sayNote<C extends NoteCode>(code: C, values: Values<(typeof noteTexts)[C]>): Said<NoteCode> {
  return { code, values, detail: fill(noteTexts[code], values) };
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
