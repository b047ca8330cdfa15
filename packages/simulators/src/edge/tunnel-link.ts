import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a connector presents when it registers a connection: the content of its credentials file. */
export interface TunnelCredentials {
  accountTag: string;
  tunnelId: string;
  /** base64 of at least 32 bytes */
  tunnelSecret: string;
}

/** The side of a simulated cloudflared that the edge talks to. */
export interface Connector {
  /** one UUID per process, as cloudflared makes */
  connectorId: string;
  version: string;
  arch: string;
  /** Answers one visitor's request from the ingress rules; must always end the response. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** One of the (normally four) connections of a connector. */
export interface EdgeConnection {
  id: string;
  coloName: string;
  /** The connector leaves by itself; no further requests arrive, requests under way are finished by the connector. */
  unregister(): void;
  /** Called once when the edge closes the connection (dropped by a fault, or by DELETE …/connections). */
  onClosed(listener: () => void): void;
}

/** What the connector simulator needs of the edge. */
export interface TunnelEdge {
  /**
   * Registers one connection.
   * @throws Error 'Unauthorized: Invalid tunnel secret' or 'Unauthorized: Tunnel not found'; Error 'edge unreachable' while the edge is told to be down
   */
  register(credentials: TunnelCredentials, connector: Connector): Promise<EdgeConnection>;
}
