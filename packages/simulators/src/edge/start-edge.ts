import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Account } from '../cloudflare/account.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import { enforceAccess } from './enforce-access.ts';
import { makeRuleEnforcement, type RuleEnforcement } from './enforce-rules.ts';
import type { Connector, TunnelCredentials, TunnelEdge } from './tunnel-link.ts';
import { hostnameOf, visitorOf } from './visitor.ts';

/** A web server somewhere in the world that an A record may point to. */
export interface ForeignServer {
  status: number;
  body: string;
}

export interface Edge {
  port: number;
  tunnels: TunnelEdge;
  /** answers for addresses that A records point to */
  foreign: Map<string, ForeignServer>;
  /** false: nobody gets through, connectors lose their connections and get none */
  setUp(up: boolean): void;
  stop(): Promise<void>;
}

const TUNNEL_HOST = '.cfargotunnel.com';
const COLOS = ['fra03', 'fra08', 'ams01', 'txl02'];

/**
 * The edge: terminates TLS for active zones that have a certificate, looks up the DNS record of the host name and answers
 * through the tunnel that it names. Names of zones that aren't active, or whose certificate is pending, fail the handshake.
 */
export async function startEdge(account: Account, authority: CertificateAuthority, port = 0): Promise<Edge> {
  const foreign = new Map<string, ForeignServer>();
  const rules = makeRuleEnforcement();
  let up = true;
  const server = createServer(
    {
      SNICallback: (name, done) => {
        const zone = account.zoneOf(name.toLowerCase());
        if (!zone || !account.hasCertificate(zone) || !covers(zone.name, name.toLowerCase())) {
          // Without a certificate there is no cipher to agree on: the client gets a handshake failure alert.
          done(null, undefined);
          return;
        }
        authority.contextFor(zone.name).then(
          (context) => done(null, context),
          (error: Error) => done(error),
        );
      },
    },
    (request, response) => {
      response.setHeader('server', 'cloudflare');
      response.setHeader('cf-ray', `${randomUUID().slice(0, 8)}00000000-FRA`);
      count(account, request, response);
      route({ account, rules, foreign, request, response });
    },
  );
  server.on('connection', (socket) => {
    if (!up) socket.destroy();
  });
  server.on('tlsClientError', () => undefined);
  await listen(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    tunnels: makeTunnelEdge(account, () => up),
    foreign,
    setUp(next) {
      up = next;
      if (up) return;
      server.closeAllConnections();
      for (const tunnel of account.tunnels()) tunnel.drop();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Universal certificates cover the zone's name and one label below it. */
function covers(zone: string, name: string): boolean {
  return name === zone || (name.endsWith(`.${zone}`) && !name.slice(0, -zone.length - 1).includes('.'));
}

function count(account: Account, request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  const before = socket.bytesWritten;
  const visitor = visitorOf(request);
  const host = hostnameOf(request);
  const zone = account.zoneOf(host);
  if (!zone) return;
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  response.once('close', () => {
    const bytes = Math.max(0, socket.bytesWritten - before);
    const atMs = Date.now();
    const { statusCode: status } = response;
    account.visits.add({ zoneId: zone.id, atMs, status, bytes, ...visitor });
    account.requests.add(zone.id, { atMs, host, method, path, status, bytes, ...visitor });
    account.changed();
  });
}

interface Visit {
  account: Account;
  rules: RuleEnforcement;
  foreign: ReadonlyMap<string, ForeignServer>;
  request: IncomingMessage;
  response: ServerResponse;
}

function route({ account, rules, foreign, request, response }: Visit): void {
  const hostname = hostnameOf(request);
  const zone = account.zoneOf(hostname);
  const { servername } = request.socket as TLSSocket;
  // A certificate of one zone is no way to another one's pages.
  if (typeof servername === 'string' && zone !== account.zoneOf(servername.toLowerCase())) {
    response.writeHead(403, { 'Content-Type': 'text/plain; charset=UTF-8' }).end('error code: 1034');
    return;
  }
  const refusal = zone && (rules.refuse(zone, request) ?? enforceAccess(account.access, request));
  if (refusal) {
    response.writeHead(refusal.status, { 'Content-Type': 'text/html', ...refusal.headers }).end(refusal.body);
    return;
  }
  const records = zone?.recordsAt(hostname).filter((record) => record.proxied) ?? [];
  const alias = records.find((record) => record.type === 'CNAME' && record.content.endsWith(TUNNEL_HOST));
  const address = records.find((record) => record.type === 'A' || record.type === 'AAAA');
  if (alias) throughTunnel(account, alias.content, request, response);
  else if (address) toForeign(foreign.get(address.content), response);
  else fail(response, 530, 1016);
}

function throughTunnel(account: Account, target: string, request: IncomingMessage, response: ServerResponse): void {
  const tunnel = account.findTunnel(target.slice(0, -TUNNEL_HOST.length));
  const connector = tunnel?.next();
  if (!tunnel || tunnel.deletedAt) fail(response, 530, 1016);
  else if (!connector) fail(response, 530, 1033);
  else {
    const address = request.socket.remoteAddress ?? '127.0.0.1';
    request.headers['cf-connecting-ip'] = address;
    request.headers['x-forwarded-for'] = address;
    request.headers['x-forwarded-proto'] = 'https';
    request.headers['cf-ray'] = String(response.getHeader('cf-ray'));
    connector.handle(request, response);
  }
}

function toForeign(server: ForeignServer | undefined, response: ServerResponse): void {
  if (server) response.writeHead(server.status, { 'Content-Type': 'text/html' }).end(server.body);
  else fail(response, 522, 522);
}

function fail(response: ServerResponse, status: number, code: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=UTF-8' }).end(`error code: ${code}`);
}

/** Where connectors register. */
function makeTunnelEdge(account: Account, isUp: () => boolean): TunnelEdge {
  return {
    async register(credentials: TunnelCredentials, connector: Connector) {
      if (!isUp()) throw new Error('edge unreachable');
      const tunnel = account.findTunnel(credentials.tunnelId);
      if (!tunnel || tunnel.deletedAt || credentials.accountTag !== account.id) {
        throw new Error('Unauthorized: Tunnel not found');
      }
      if (tunnel.secret !== credentials.tunnelSecret) throw new Error('Unauthorized: Invalid tunnel secret');
      const listeners: (() => void)[] = [];
      const id = randomUUID();
      const coloName = COLOS[tunnel.connections.size % COLOS.length] ?? 'fra03';
      tunnel.open({
        id,
        coloName,
        openedAt: new Date().toISOString(),
        connector,
        close: () => {
          for (const listener of listeners.splice(0)) listener();
        },
      });
      return {
        id,
        coloName,
        unregister: () => tunnel.leave(id),
        onClosed: (listener) => {
          listeners.push(listener);
        },
      };
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
