import type { IncomingMessage } from 'node:http';
import type { Access } from '../cloudflare/access/access.ts';
import type { AccessApplication, AccessDestination } from '../cloudflare/access/access-application.ts';
import { concerns } from '../cloudflare/access/access-policy.ts';
import type { Identity } from '../cloudflare/access/access-rule.ts';
import type { Refusal } from './enforce-rules.ts';
import { hostnameOf, visitorOf } from './visitor.ts';

const FORBIDDEN: Refusal = { status: 403, headers: {}, body: 'You do not have permission to view this.' };

/**
 * What Access answers in place of the site. Policies that let programs or everybody pass come first, then those about whoever has signed in,
 * by their precedence; whom none concerns is asked to sign in, and is turned away who has.
 * @returns undefined for a request that goes on to the site
 */
export function enforceAccess(access: Access, request: IncomingMessage): Refusal | undefined {
  const asked = applicationOf(access, request);
  if (!asked || isPublic(asked.destination, request)) return undefined;
  const { application } = asked;
  if (application.options_preflight_bypass && request.method === 'OPTIONS') return undefined;
  const identity = identityOf(access, request);
  const policies = application.policies.map((id) => access.policy(id));
  const isOpen = ({ decision }: { decision: string }) => decision === 'bypass' || decision === 'non_identity';
  if (policies.some((policy) => isOpen(policy) && concerns(policy, identity))) return undefined;
  if (identity.email === undefined) return toSignIn(application, request);
  const first = policies.find((policy) => !isOpen(policy) && concerns(policy, identity));
  return first?.decision === 'allow' ? undefined : FORBIDDEN;
}

/** The application of the most specific path, then of the most specific host name; a `*` label stands for any. */
function applicationOf(
  access: Access,
  request: IncomingMessage,
): { application: AccessApplication; destination: AccessDestination } | undefined {
  const asked = hostnameOf(request) + pathOf(request);
  const fitting = [...access.applications.values()].flatMap((application) =>
    application.destinations.filter(({ uri }) => fits(uri, asked)).map((destination) => ({ application, destination })),
  );
  return fitting.sort((a, b) => compareSpecific(a.destination, b.destination))[0];
}

/** The more specific one comes first. */
function compareSpecific(a: AccessDestination, b: AccessDestination): number {
  const [one, other] = [specificityOf(a), specificityOf(b)];
  const differs = one.findIndex((value, at) => value !== other[at]);
  return differs === -1 ? 0 : (other[differs] ?? 0) - (one[differs] ?? 0);
}

/** How deep its path is, how much of that is named, and the same of its host name. */
function specificityOf({ uri }: AccessDestination): number[] {
  const [host = '', ...below] = uri.replace(/\/$/, '').split('/');
  const named = (parts: readonly string[]) => parts.filter((part) => !part.includes('*'));
  const labels = host.split('.');
  return [below.length, named(below).length, below.join('/').length, labels.length, named(labels).length];
}

const pathOf = (request: IncomingMessage) => (request.url ?? '/').replace(/[?#].*$/s, '');

/** Paths that are excepted don't cover what is below them. */
function isPublic({ overrides = [] }: AccessDestination, request: IncomingMessage): boolean {
  return overrides.some(({ path_pattern: path }) => new RegExp(`^${toPattern(path)}$`).test(pathOf(request)));
}

function fits(uri: string, asked: string): boolean {
  return new RegExp(`^${toPattern(uri.replace(/\/$/, ''))}(/|$)`).test(asked);
}

function toPattern(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*');
}

/** A program shows a token's id and secret; who has signed in is told by the header `x-simulated-identity: <e-mail>`. */
function identityOf(access: Access, request: IncomingMessage): Identity {
  const {
    'cf-access-client-id': id,
    'cf-access-client-secret': secret,
    'x-simulated-identity': email,
  } = request.headers;
  const token = access.tokenShown(id, secret);
  return { ...visitorOf(request), serviceToken: token?.id, email: typeof email === 'string' ? email : undefined };
}

function toSignIn({ aud }: AccessApplication, request: IncomingMessage): Refusal {
  const hostname = hostnameOf(request);
  const back = encodeURIComponent(request.url ?? '/');
  const location = `https://simulated.cloudflareaccess.com/cdn-cgi/access/login/${hostname}?kid=${aud}&redirect_url=${back}`;
  return { status: 302, headers: { location }, body: '' };
}
