/** What was seen of a host name from outside. */
export type Sighting =
  | { kind: 'unreachable'; why: string }
  | { kind: 'no-certificate' }
  /** the edge has a certificate, but the name leads to somebody else, or nowhere */
  | { kind: 'leads-past' }
  /** the proof path's status, and what Cloudflare's own error page says, such as 1033 */
  | { kind: 'not-proven'; status: number; edgeCode: number | undefined }
  | { kind: 'failing'; status: number }
  | { kind: 'proven' };

/** A host name, and what proves that it leads to its site. */
export interface EdgeTarget {
  hostname: string;
  /** of the proof */
  path: string;
  nameServers: readonly string[];
  /** sent with the proof alone: what goes to the site itself its container sees */
  proofHeaders?: Readonly<Record<string, string>>;
  /** `/` must be answered as well */
  expectsPage: boolean;
}

/** Looks at a host name as a visitor would. */
export interface EdgeProbe {
  look(target: EdgeTarget, signal: AbortSignal): Promise<Sighting>;
}

/** Whether a host name can be given to the edge without anybody noticing. */
export interface EdgeHandshake {
  /** Whether Cloudflare's edge has a certificate for the name, wherever the name leads now. */
  hasCertificate(hostname: string, signal: AbortSignal): Promise<boolean>;
  /** Whether visitors get an answer by https where the name leads now; true where that can't be known. */
  isServed(hostname: string, nameServers: readonly string[], signal: AbortSignal): Promise<boolean>;
}
