import { randomBytes, randomUUID } from 'node:crypto';
import { isObject } from '../rules/rule.ts';
import { durationOf } from './access-policy.ts';
import { invalid } from './access-rule.ts';

/** A host name, perhaps with a path, and the paths of it that anybody may see. */
export interface AccessDestination {
  type: 'public';
  uri: string;
  overrides?: readonly { behavior: 'public'; path_pattern: string }[];
}

interface Settings {
  app_launcher_visible: boolean;
  auto_redirect_to_identity: boolean;
  options_preflight_bypass: boolean;
  allow_authenticate_via_warp: boolean;
  /** ids; none: whoever the account knows */
  allowed_idps: string[];
  cors_headers: Record<string, unknown>;
  mfa_config: Record<string, unknown>;
}

/** An application of the kind `self_hosted`. */
export interface AccessApplication extends Settings {
  id: string;
  aud: string;
  name: string;
  domain: string;
  self_hosted_domains: string[];
  destinations: AccessDestination[];
  session_duration: string;
  /** ids of policies, in the order of their precedence */
  policies: string[];
  created_at: string;
  updated_at: string;
}

const DOMAINS_MAX = 5;
const NAME_MAX = 350;
const defaults: Settings = {
  app_launcher_visible: true,
  auto_redirect_to_identity: false,
  options_preflight_bypass: false,
  allow_authenticate_via_warp: false,
  allowed_idps: [],
  cors_headers: {},
  mfa_config: {},
};
const SWITCHES = [
  'app_launcher_visible',
  'auto_redirect_to_identity',
  'options_preflight_bypass',
  'allow_authenticate_via_warp',
] as const;
export const APPLICATION_FIELDS = [
  'type',
  'name',
  'domain',
  'self_hosted_domains',
  'destinations',
  'session_duration',
  'policies',
  ...Object.keys(defaults),
];

/** An application as it was stored, perhaps before some of its settings were known here. */
export function withDefaults(
  stored: Omit<AccessApplication, keyof Settings | 'destinations'> & Partial<AccessApplication>,
): AccessApplication {
  const destinations = stored.self_hosted_domains.map((uri) => ({ type: 'public' as const, uri }));
  return { ...defaults, destinations, ...stored };
}

/** An application from what was sent: what isn't given is as at first. @param policies ids, in order. @throws ApiError */
export function makeApplication(
  body: Record<string, unknown>,
  policies: string[],
  former?: AccessApplication,
): AccessApplication {
  const { type, name = '', session_duration: duration = '24h' } = body;
  if (type !== 'self_hosted') throw invalid('only applications of the type self_hosted are known here');
  if (typeof name !== 'string' || name.length > NAME_MAX) throw invalid('name is not valid');
  const destinations = destinationsOf(body);
  const now = new Date().toISOString();
  return {
    id: former?.id ?? randomUUID(),
    aud: former?.aud ?? randomBytes(32).toString('hex'),
    name,
    domain: destinations[0]?.uri ?? '',
    self_hosted_domains: destinations.map(({ uri }) => uri),
    destinations,
    session_duration: durationOf(duration),
    ...settingsOf(body),
    policies,
    created_at: former?.created_at ?? now,
    updated_at: now,
  };
}

function settingsOf(body: Record<string, unknown>): Settings {
  const settings = { ...defaults, ...Object.fromEntries(SWITCHES.map((name) => [name, body[name] ?? defaults[name]])) };
  for (const name of SWITCHES) if (typeof settings[name] !== 'boolean') throw invalid(`${name} is not valid`);
  const { allowed_idps: idps = [], cors_headers: cors = {}, mfa_config: mfa = {} } = body;
  if (!Array.isArray(idps) || !idps.every((one) => typeof one === 'string')) throw invalid('allowed_idps is not valid');
  if (!isObject(cors)) throw invalid('cors_headers is not valid');
  if (!isObject(mfa)) throw invalid('mfa_config is not valid');
  if (settings.auto_redirect_to_identity && idps.length !== 1) {
    throw invalid('auto_redirect_to_identity needs exactly one of allowed_idps');
  }
  if (settings.options_preflight_bypass && Object.keys(cors).length > 0) {
    throw invalid('options_preflight_bypass cannot be set with cors_headers');
  }
  return { ...settings, allowed_idps: idps, cors_headers: cors, mfa_config: mfa };
}

/** What `destinations` names counts, else `self_hosted_domains`, else `domain`. */
function destinationsOf({
  domain,
  self_hosted_domains: several,
  destinations,
}: Record<string, unknown>): AccessDestination[] {
  const listed = destinations ?? (several === undefined ? undefined : toList(several).map(toDestination));
  const all = toList(listed ?? [toDestination(domain)]);
  if (all.length === 0 || all.length > DOMAINS_MAX || !all.every(isDestination)) throw invalid('domain is not valid');
  if (listed !== undefined && domain !== undefined && !all.some(({ uri }) => uri === domain)) {
    throw invalid('domain is not among the destinations');
  }
  return all;
}

const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const toDestination = (uri: unknown) => ({ type: 'public', uri });

function isDestination(one: unknown): one is AccessDestination {
  if (!isObject(one)) return false;
  const { type, uri, overrides = [], ...more } = one;
  const isName = typeof uri === 'string' && /^[a-z0-9*.-]+\.[a-z0-9-]+(\/\S*)?$/.test(uri);
  const isPublic = (override: unknown) =>
    isObject(override) && override.behavior === 'public' && typeof override.path_pattern === 'string';
  return (
    type === 'public' &&
    isName &&
    Array.isArray(overrides) &&
    overrides.every(isPublic) &&
    Object.keys(more).length === 0
  );
}
