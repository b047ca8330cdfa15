import { randomBytes, randomUUID } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import { type AccessApplication, makeApplication, withDefaults } from './access-application.ts';
import { type AccessPolicy, durationOf, makePolicy, millisecondsOf } from './access-policy.ts';
import { invalid } from './access-rule.ts';

export interface ServiceToken {
  id: string;
  name: string;
  client_id: string;
  client_secret: string;
  /** how long it lets pass, from when it was made or refreshed */
  duration: string;
  expires_at: string;
  created_at: string;
}

export interface AccessSnapshot {
  applications: AccessApplication[];
  policies: AccessPolicy[];
  tokens: ServiceToken[];
}

const APPLICATIONS_MAX = 500;
const POLICIES_MAX = 500;
const TOKENS_MAX = 50;
const A_YEAR = '8760h';

/** What of Access an account has. */
export class Access {
  readonly applications: Map<string, AccessApplication>;
  readonly policies: Map<string, AccessPolicy>;
  readonly tokens: Map<string, ServiceToken>;

  constructor(from?: AccessSnapshot) {
    const byId = <T extends { id: string }>(all: readonly T[] = []) => new Map(all.map((one) => [one.id, one]));
    this.applications = byId(from?.applications.map(withDefaults));
    this.policies = byId(from?.policies);
    // What was stored before tokens ended here has a year from now on.
    this.tokens = byId(from?.tokens.map((one) => ({ ...validFor(A_YEAR), ...one })));
  }

  application(id: string): AccessApplication {
    return found(this.applications.get(id), 'unknown_application');
  }

  policy(id: string): AccessPolicy {
    return found(this.policies.get(id), 'unknown_policy');
  }

  /** @throws ApiError where a name is another application's, or the account has no room */
  putApplication(body: Record<string, unknown>, former?: AccessApplication): AccessApplication {
    if (!former) limit(this.applications, APPLICATIONS_MAX, 'applications');
    const policies = this.#policiesOf(body.policies ?? []);
    const application = makeApplication(body, policies, former);
    const domains = application.self_hosted_domains;
    const others = [...this.applications.values()].filter((one) => one.id !== former?.id);
    if (others.some((one) => one.self_hosted_domains.some((domain) => domains.includes(domain)))) {
      throw new ApiError(409, 12_130, 'access.api.error.application_already_exists');
    }
    this.applications.set(application.id, application);
    return application;
  }

  putPolicy(body: Record<string, unknown>, former?: AccessPolicy): AccessPolicy {
    if (!former) limit(this.policies, POLICIES_MAX, 'policies');
    const policy = makePolicy(body, former);
    this.policies.set(policy.id, policy);
    return policy;
  }

  usersOf(policyId: string): AccessApplication[] {
    return [...this.applications.values()].filter(({ policies }) => policies.includes(policyId));
  }

  removePolicy(id: string): AccessPolicy {
    const policy = this.policy(id);
    // The code is not known from the real service.
    if (this.usersOf(id).length > 0) throw new ApiError(409, 12_131, 'access.api.error.policy_in_use');
    this.policies.delete(id);
    return policy;
  }

  makeToken(name: unknown, duration: unknown = A_YEAR): ServiceToken {
    limit(this.tokens, TOKENS_MAX, 'service_tokens');
    if (typeof name !== 'string' || name === '') throw invalid('name is required');
    const token = {
      id: randomUUID(),
      name,
      client_id: `${randomBytes(16).toString('hex')}.access`,
      client_secret: randomBytes(32).toString('hex'),
      ...validFor(durationOf(duration)),
      created_at: new Date().toISOString(),
    };
    this.tokens.set(token.id, token);
    return token;
  }

  rotateToken(id: string): ServiceToken {
    const token = found(this.tokens.get(id), 'unknown_service_token');
    token.client_secret = randomBytes(32).toString('hex');
    return token;
  }

  /** A token lets pass for its whole duration again. */
  refreshToken(id: string): ServiceToken {
    const token = found(this.tokens.get(id), 'unknown_service_token');
    return Object.assign(token, validFor(token.duration));
  }

  /** The token that a program shows, where it is there and not over. */
  tokenShown(clientId: unknown, secret: unknown): ServiceToken | undefined {
    const shown = [...this.tokens.values()].find((one) => one.client_id === clientId && one.client_secret === secret);
    return shown && Date.parse(shown.expires_at) > Date.now() ? shown : undefined;
  }

  removeToken(id: string): ServiceToken {
    const token = found(this.tokens.get(id), 'unknown_service_token');
    this.tokens.delete(id);
    return token;
  }

  snapshot(): AccessSnapshot {
    const { applications, policies, tokens } = this;
    return {
      applications: [...applications.values()],
      policies: [...policies.values()],
      tokens: [...tokens.values()],
    };
  }

  /** Ids, or `{ id, precedence }`: those with a lower one come first. */
  #policiesOf(body: unknown): string[] {
    if (!Array.isArray(body)) throw invalid('policies must be a list');
    const links = body.map((one: unknown, index) => {
      const { id, precedence = index + 1 } =
        typeof one === 'string' ? { id: one } : ((one ?? {}) as { id?: unknown; precedence?: unknown });
      if (typeof id !== 'string' || !Number.isInteger(precedence)) throw invalid('policies has one that is not valid');
      return { id: this.policy(id).id, precedence: Number(precedence) };
    });
    if (new Set(links.map(({ precedence }) => precedence)).size < links.length)
      throw invalid('precedence must be unique');
    return links.sort((a, b) => a.precedence - b.precedence).map(({ id }) => id);
  }
}

function validFor(duration: string): Pick<ServiceToken, 'duration' | 'expires_at'> {
  return { duration, expires_at: new Date(Date.now() + millisecondsOf(duration)).toISOString() };
}

function limit(all: ReadonlyMap<string, unknown>, max: number, what: string): void {
  if (all.size >= max) throw new ApiError(403, 12_132, `access.api.error.${what}_limit_exceeded`);
}

function found<T>(one: T | undefined, why: string): T {
  if (one === undefined) throw new ApiError(404, 11_021, `access.api.error.${why}`);
  return one;
}
