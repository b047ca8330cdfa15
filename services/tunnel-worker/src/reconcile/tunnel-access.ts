import type { Secret } from '@berth/shared/runtime/secret';

/** What the tunnel's reconciler needs of Cloudflare. */
export interface Tunnels {
  /** The id of the tunnel of this name that isn't deleted. */
  findByName(name: string, signal: AbortSignal): Promise<string | undefined>;
  /** Whether a tunnel of this id is there and not deleted. */
  exists(tunnelId: string, signal: AbortSignal): Promise<boolean>;
  /** The secret that its token carries, in base64. */
  readSecret(tunnelId: string, signal: AbortSignal): Promise<Secret>;
  /** From now on connectors with any other secret are refused; those that are connected stay so. */
  changeSecret(tunnelId: string, secret: Secret, signal: AbortSignal): Promise<void>;
  /** Whether Cloudflare sees a connector of the tunnel. */
  hasConnections(tunnelId: string, signal: AbortSignal): Promise<boolean>;
  create(name: string, secret: Secret, signal: AbortSignal): Promise<string>;
  dropConnections(tunnelId: string, signal: AbortSignal): Promise<void>;
  /** @returns false while connections are still there */
  remove(tunnelId: string, signal: AbortSignal): Promise<boolean>;
}
