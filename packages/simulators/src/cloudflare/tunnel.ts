import { randomBytes, randomUUID } from 'node:crypto';
import type { Connector } from '../edge/tunnel-link.ts';

/** What of a tunnel outlives the process. */
export interface TunnelSnapshot {
  id: string;
  name: string;
  secret: string;
  configSrc: 'local' | 'cloudflare';
  createdAt: string;
  deletedAt: string | null;
}

/** One connection of a connector to the edge. */
export interface TunnelConnection {
  id: string;
  coloName: string;
  openedAt: string;
  connector: Connector;
  close(): void;
}

/** A tunnel with the connections that it has now. */
export class Tunnel {
  readonly id: string;
  readonly createdAt: string;
  readonly configSrc: 'local' | 'cloudflare';
  name: string;
  secret: string;
  deletedAt: string | null;
  activeAt: string | null = null;
  inactiveAt: string | null = null;
  readonly connections = new Map<string, TunnelConnection>();
  #turn = 0;

  constructor(from: TunnelSnapshot) {
    this.id = from.id;
    this.name = from.name;
    this.secret = from.secret;
    this.configSrc = from.configSrc;
    this.createdAt = from.createdAt;
    this.deletedAt = from.deletedAt;
  }

  static make(name: string, secret: string | undefined, configSrc: 'local' | 'cloudflare'): Tunnel {
    return new Tunnel({
      id: randomUUID(),
      name,
      secret: secret ?? randomBytes(32).toString('base64'),
      configSrc,
      createdAt: new Date().toISOString(),
      deletedAt: null,
    });
  }

  /** The connector whose turn it is; undefined when none is connected. */
  next(): Connector | undefined {
    const connections = [...this.connections.values()];
    this.#turn += 1;
    return connections[this.#turn % Math.max(1, connections.length)]?.connector;
  }

  open(connection: TunnelConnection): void {
    if (this.connections.size === 0) this.activeAt = new Date().toISOString();
    this.connections.set(connection.id, connection);
  }

  leave(connectionId: string): void {
    if (this.connections.delete(connectionId) && this.connections.size === 0)
      this.inactiveAt = new Date().toISOString();
  }

  /** Closes the connections, all of them or those of one connector; the connector is told. */
  drop(connectorId?: string): void {
    for (const connection of [...this.connections.values()]) {
      if (connectorId !== undefined && connection.connector.connectorId !== connectorId) continue;
      this.leave(connection.id);
      connection.close();
    }
  }

  get status(): 'inactive' | 'degraded' | 'healthy' | 'down' {
    if (this.connections.size >= 4) return 'healthy';
    if (this.connections.size > 0) return 'degraded';
    return this.activeAt ? 'down' : 'inactive';
  }

  /** What `cloudflared tunnel run --token` takes. */
  token(accountId: string): string {
    return Buffer.from(JSON.stringify({ a: accountId, t: this.id, s: this.secret })).toString('base64');
  }

  snapshot(): TunnelSnapshot {
    const { id, name, secret, configSrc, createdAt, deletedAt } = this;
    return { id, name, secret, configSrc, createdAt, deletedAt };
  }
}
