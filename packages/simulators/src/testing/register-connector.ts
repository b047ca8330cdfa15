import { randomUUID } from 'node:crypto';
import type { CloudflareSimulator } from '../cloudflare/start-cloudflare.ts';
import type { Connector, EdgeConnection } from '../edge/tunnel-link.ts';

interface Registered {
  tunnelId: string;
  /** base64 */
  tunnelSecret: string;
  /** one process, however many connections; a new one when absent */
  connectorId?: string;
  /** answers 200 with the path when absent */
  handle?: Connector['handle'];
}

/** Registers one connection of a connector at the simulated edge, as a cloudflared would. @throws Error as the edge refuses */
export function registerConnector(
  { edge, accountId }: Pick<CloudflareSimulator, 'edge' | 'accountId'>,
  { tunnelId, tunnelSecret, connectorId = randomUUID(), handle }: Registered,
): Promise<EdgeConnection> {
  return edge.register(
    { accountTag: accountId, tunnelId, tunnelSecret },
    {
      connectorId,
      version: '2026.8.2',
      arch: 'linux_amd64',
      handle: handle ?? ((request, response) => response.end(`through the tunnel: ${request.url}`)),
    },
  );
}
