/** A rule of a policy of Access, in Cloudflare's words: an object of one field. */
export type AccessRule = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A reusable policy as it is wanted, found again by its name. */
export interface WantedPolicy {
  name: string;
  /** `non_identity`: programs with a service token */
  decision: 'allow' | 'non_identity';
  include: readonly AccessRule[];
}

export interface ObservedPolicy {
  id: string;
  name: string;
  decision: string;
  include: readonly AccessRule[];
  /** rules beside `include`, which Berth makes none of */
  narrowed: boolean;
}

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
}

/** What keeps a site's application needs of Cloudflare. */
export interface AccessApi {
  /** The application that holds a host name, whoever made it. */
  findApplication(hostname: string, signal: AbortSignal): Promise<ObservedApplication | undefined>;
  /** @throws BerthError `cloudflare.refused`, also where one of the host names is another application's */
  createApplication(application: WantedApplication, signal: AbortSignal): Promise<void>;
  changeApplication(id: string, application: WantedApplication, signal: AbortSignal): Promise<void>;
  /** One that is gone already does no harm. */
  removeApplication(id: string, signal: AbortSignal): Promise<void>;
  listPolicies(signal: AbortSignal): Promise<ObservedPolicy[]>;
  /** @returns its id */
  createPolicy(policy: WantedPolicy, signal: AbortSignal): Promise<string>;
  changePolicy(id: string, policy: WantedPolicy, signal: AbortSignal): Promise<void>;
  /** One that is gone already does no harm. */
  removePolicy(id: string, signal: AbortSignal): Promise<void>;
}
