import { createHash, createHmac } from 'node:crypto';

/** All that a connector's configuration depends on. */
export interface ConnectorInputs {
  tunnelId: string;
  /** apex first, as they stand in the ingress rules */
  hostnames: readonly string[];
  port: number;
  metricsAddress: string;
  /** base64, as in the credentials file */
  tunnelSecret: string;
}

/**
 * The token of the proof path: an HMAC of everything that the connector runs with, under a secret of the site. It changes
 * exactly when the configuration or the credentials do, and nobody else can foresee it.
 * @returns 43 characters of base64url
 */
export function proofToken(inputs: ConnectorInputs, secret: string): string {
  const { tunnelId, hostnames, port, metricsAddress, tunnelSecret } = inputs;
  const credentials = createHash('sha256').update(tunnelSecret).digest('hex');
  const canonical = JSON.stringify([tunnelId, hostnames, port, metricsAddress, credentials]);
  return createHmac('sha256', secret).update(canonical).digest('base64url');
}

/** What stands below it is asked for by Berth alone. */
export const PROOF_PATHS = '/.well-known/berth/';

/** Where the proof is asked for. */
export function proofPath(token: string): string {
  return PROOF_PATHS + token;
}
