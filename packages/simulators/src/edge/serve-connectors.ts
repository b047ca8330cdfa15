import { randomUUID } from 'node:crypto';
import { type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type EdgeLine, type Greeting, readFirstLine, sendLine } from './connector-wire.ts';
import type { Connector, TunnelEdge } from './tunnel-link.ts';

/** Where connectors of other processes reach the edge. */
export interface ConnectorDoor {
  port: number;
  stop(): Promise<void>;
}

interface Visit {
  request: IncomingMessage;
  response: ServerResponse;
  /** what the connector is told on */
  told: Socket;
}

/** Lets connectors of other processes register at the edge, as those of this process do. */
export async function serveConnectors(
  edge: TunnelEdge,
  { host, port = 0 }: { host: string; port?: number },
): Promise<ConnectorDoor> {
  const sockets = new Set<Socket>();
  const visits = new Map<string, Visit>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    void greet(socket);
  });

  async function greet(socket: Socket): Promise<void> {
    const greeting = (await readFirstLine(socket)) as Greeting | undefined;
    if (greeting?.kind === 'register') await register(socket, greeting);
    else if (greeting?.kind === 'visit') deliver(socket, greeting.visit);
    else socket.destroy();
  }

  async function register(socket: Socket, greeting: Extract<Greeting, { kind: 'register' }>): Promise<void> {
    const { credentials, connectorId, version, arch } = greeting;
    const say = (line: EdgeLine) => sendLine(socket, line);
    const handle: Connector['handle'] = (request, response) => {
      const visit = randomUUID();
      visits.set(visit, { request, response, told: socket });
      response.once('close', () => visits.delete(visit));
      say({ kind: 'visit', visit });
    };
    try {
      const connection = await edge.register(credentials, { connectorId, version, arch, handle });
      connection.onClosed(() => socket.destroy());
      socket.once('close', () => {
        connection.unregister();
        for (const { told, response } of visits.values()) if (told === socket) fail(response);
      });
      if (socket.destroyed) connection.unregister();
      say({ kind: 'registered', id: connection.id, coloName: connection.coloName });
    } catch (error) {
      say({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
      socket.end();
    }
  }

  function deliver(socket: Socket, id: string): void {
    const visit = visits.get(id);
    visits.delete(id);
    if (visit) pass(visit, socket);
    else socket.destroy();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Hands a visitor's request to the connector at the other end, and its answer back. */
function pass({ request, response }: Visit, socket: Socket): void {
  const outgoing = openRequest({
    createConnection: () => socket,
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers: { ...request.headers, connection: 'close' },
  });
  outgoing.on('response', (incoming) => {
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...headers } = incoming.headers;
    response.writeHead(incoming.statusCode ?? 502, headers);
    incoming.pipe(response);
    incoming.on('error', () => response.destroy());
  });
  outgoing.on('error', () => {
    if (response.headersSent) response.destroy();
    else fail(response);
  });
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

function fail(response: ServerResponse): void {
  response.writeHead(502, { 'content-type': 'text/plain; charset=UTF-8' }).end('error code: 502');
}
