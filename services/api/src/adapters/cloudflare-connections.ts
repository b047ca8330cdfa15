import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';

/** A connection of a tunnel's connector to Cloudflare's edge. */
export interface TunnelConnection {
  connectorId: string;
  /** the data centre, such as FRA */
  colo: string;
  openedAt: string;
  version: string;
}

/** The connections that Cloudflare sees of a tunnel. @throws BerthError `cloudflare.*` */
export async function readTunnelConnections(
  cloudflare: Cloudflare,
  tunnelId: string,
  signal: AbortSignal,
): Promise<TunnelConnection[]> {
  const account_id = cloudflare.accountId;
  const call = { doing: `reading the connections of tunnel ${tunnelId}`, signal, kind: 'background' } as const;
  const page = await cloudflare.call(call, (sdk, options) =>
    sdk.zeroTrust.tunnels.cloudflared.connections.get(tunnelId, { account_id }, options),
  );
  return (page.result ?? []).flatMap((connector) =>
    (connector.conns ?? []).map((connection) => ({
      connectorId: connector.id ?? '',
      colo: connection.colo_name ?? '',
      openedAt: connection.opened_at ?? '',
      version: connector.version ?? connection.client_version ?? '',
    })),
  );
}
