import type { ApplicationCreateParams } from 'cloudflare/resources/zero-trust/access/applications/applications';
import type { PolicyCreateParams } from 'cloudflare/resources/zero-trust/access/policies';
import type {
  AccessRule,
  MoreSettings,
  ObservedApplication,
  ObservedPolicy,
  WantedApplication,
  WantedPolicy,
} from '../reconcile/access-api.ts';

interface Destination {
  type?: string;
  uri?: string;
  overrides?: readonly unknown[];
}

/** What of Cloudflare's answers is read here; any of it may be missing. */
export interface Shown {
  id?: string;
  type?: string;
  name?: string;
  decision?: string;
  domain?: string;
  self_hosted_domains?: readonly string[];
  destinations?: readonly Destination[] | null;
  session_duration?: string;
  policies?: readonly { id?: string; precedence?: number }[];
  include?: readonly AccessRule[];
}

/** What decides as well who enters an application, or what of it: Berth leaves it as Cloudflare has it at first, which is off. */
const OF_APPLICATIONS = [
  'allowed_idps',
  'auto_redirect_to_identity',
  'options_preflight_bypass',
  'allow_authenticate_via_warp',
  'cors_headers',
  'app_launcher_visible',
  'mfa_config',
];
const OF_POLICIES = [
  'exclude',
  'require',
  'approval_required',
  'isolation_required',
  'purpose_justification_required',
  'mfa_config',
];
/** Kinds that only lead somewhere. */
const LINKS = ['bookmark', 'saas'];

/** Whether an application holds anybody up on a host name that it names. */
export const isGuard = ({ type = '' }: Shown): boolean => !LINKS.includes(type);

/** An application as it is told. Destinations count where there are any, as at Cloudflare. */
export function toApplication(shown: Shown): ObservedApplication {
  const { id = '', name = '', domain = '', session_duration: sessionDuration = '', policies = [] } = shown;
  const order = [...policies].sort((a, b) => (a.precedence ?? 0) - (b.precedence ?? 0));
  const destinations = shown.destinations ?? [];
  const named = destinations.length > 0 ? destinations.map(toName) : [...(shown.self_hosted_domains ?? [domain])];
  const more = {
    ...moreOf(shown, OF_APPLICATIONS),
    ...(destinations.some(({ overrides }) => isSet(overrides)) && { destinations }),
  };
  return { id, name, hostnames: named.sort(), sessionDuration, policies: order.map((one) => one.id ?? ''), more };
}

/** What is no public name never is one of ours. */
const toName = (one: Destination) => (one.type === 'public' && one.uri) || JSON.stringify(one);

export function toPolicy(shown: Shown): ObservedPolicy {
  const { id = '', name = '', decision = '', include = [], session_duration: sessionDuration } = shown;
  return { id, name, decision, include, sessionDuration, more: moreOf(shown, OF_POLICIES) };
}

function moreOf(shown: object, names: readonly string[]): MoreSettings {
  return Object.fromEntries(Object.entries(shown).filter(([name, value]) => names.includes(name) && isSet(value)));
}

/** Whether a setting is anything but off or empty. */
function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isSet);
  return Boolean(value);
}

/** The whole of an application: what a change leaves away is as at first. */
export function toBody(
  account_id: string,
  { name, hostnames, sessionDuration, policies }: WantedApplication,
): ApplicationCreateParams {
  return {
    account_id,
    type: 'self_hosted',
    name,
    domain: hostnames[0],
    self_hosted_domains: [...hostnames],
    destinations: hostnames.map((uri) => ({ type: 'public', uri })),
    session_duration: sessionDuration,
    app_launcher_visible: false,
    allowed_idps: [],
    auto_redirect_to_identity: false,
    options_preflight_bypass: false,
    allow_authenticate_via_warp: false,
    policies: policies.map((id, index) => ({ id, precedence: index + 1 })),
  } as ApplicationCreateParams;
}

export function toPolicyBody(
  account_id: string,
  { name, decision, include, sessionDuration }: WantedPolicy,
): PolicyCreateParams {
  return {
    account_id,
    name,
    decision,
    include: [...include] as unknown as PolicyCreateParams['include'],
    ...(sessionDuration && { session_duration: sessionDuration }),
  };
}
