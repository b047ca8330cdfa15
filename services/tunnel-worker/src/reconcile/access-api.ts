/** A rule of a policy of Access, in Cloudflare's words: an object of one field. */
export type AccessRule = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A reusable policy as it is wanted, found again by its name. */
export interface WantedPolicy {
  name: string;
  /** `non_identity`: programs with a service token */
  decision: 'allow' | 'non_identity';
  include: readonly AccessRule[];
  /** goes before that of the application; undefined: no matter */
  sessionDuration?: string;
}

export interface ObservedPolicy {
  id: string;
  name: string;
  decision: string;
  include: readonly AccessRule[];
  /** undefined: that of the application counts */
  sessionDuration: string | undefined;
  /** what else narrows or widens it, of which Berth sets nothing */
  more: MoreSettings;
}

/** Settings on who enters that somebody else gave, by Cloudflare's names for them. */
export type MoreSettings = Readonly<Record<string, unknown>>;

/** An application as it is wanted, found again by its host names. */
export interface WantedApplication {
  name: string;
  hostnames: readonly string[];
  sessionDuration: string;
  /** ids of its policies, in the order in which they count */
  policies: readonly string[];
}

export interface ObservedApplication extends WantedApplication {
  id: string;
  /** what else narrows or widens it, of which Berth sets nothing */
  more: MoreSettings;
}

/** What keeps a site's application needs of Cloudflare. */
export interface AccessApi {
  /** All that guard something, whoever made them; names aren't unique. */
  listApplications(signal: AbortSignal): Promise<ObservedApplication[]>;
  /** The application that holds a host name, whoever made it. */
  findApplication(hostname: string, signal: AbortSignal): Promise<ObservedApplication | undefined>;
  /** @throws BerthError `access.stranger` where one of the host names is another application's, `access.quota-reached` */
  createApplication(application: WantedApplication, signal: AbortSignal): Promise<void>;
  /** @throws BerthError `access.stranger` */
  changeApplication(id: string, application: WantedApplication, signal: AbortSignal): Promise<void>;
  /** One that is gone already does no harm. */
  removeApplication(id: string, signal: AbortSignal): Promise<void>;
  listPolicies(signal: AbortSignal): Promise<ObservedPolicy[]>;
  /** @returns its id. @throws BerthError `access.quota-reached` */
  createPolicy(policy: WantedPolicy, signal: AbortSignal): Promise<string>;
  changePolicy(id: string, policy: WantedPolicy, signal: AbortSignal): Promise<void>;
  /** One that is gone already does no harm. @returns false where an application still uses it */
  removePolicy(id: string, signal: AbortSignal): Promise<boolean>;
}

/** A service token with its secret, which is told once. */
export interface TokenWithSecret {
  id: string;
  clientId: string;
  clientSecret: string;
}

export interface ObservedToken {
  id: string;
  name: string;
  /** undefined: not told */
  expiresAt: Date | undefined;
}

/** What keeps the account's own service token needs of Cloudflare. */
export interface TokenApi {
  listTokens(signal: AbortSignal): Promise<ObservedToken[]>;
  createToken(name: string, signal: AbortSignal): Promise<TokenWithSecret>;
  /** Gives a token another secret: the former one opens nothing any more. */
  rotateToken(id: string, signal: AbortSignal): Promise<TokenWithSecret>;
  /** Prolongs a token by its whole duration, counted from now; its secret stays. */
  refreshToken(id: string, signal: AbortSignal): Promise<void>;
}
