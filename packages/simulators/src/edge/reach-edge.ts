import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type EdgeLine, type Greeting, sendLine } from './connector-wire.ts';
import type { Connector, EdgeConnection, TunnelCredentials, TunnelEdge } from './tunnel-link.ts';

/** @param address `host:port` of an edge in another process */
export function reachEdge(address: string): TunnelEdge {
  const { hostname, port } = new URL(`tcp://${address}`);
  const dial = (greeting: Greeting): Socket => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), noDelay: true });
    socket.on('error', () => undefined);
    sendLine(socket, greeting);
    return socket;
  };
  return { register: (credentials, connector) => register(dial, credentials, connector) };
}

type Dial = (greeting: Greeting) => Socket;

function register(dial: Dial, credentials: TunnelCredentials, connector: Connector): Promise<EdgeConnection> {
  const { connectorId, version, arch } = connector;
  const socket = dial({ kind: 'register', credentials, connectorId, version, arch });
  const server = createServer((request, response) => connector.handle(request, response));
  return new Promise((resolve, reject) => {
    createInterface({ input: socket }).on('line', (text) => {
      const line = JSON.parse(text) as EdgeLine;
      if (line.kind === 'registered') resolve(toConnection(socket, line));
      else if (line.kind === 'visit') server.emit('connection', dial({ kind: 'visit', visit: line.visit }));
      else reject(new Error(line.reason));
    });
    socket.once('close', () => reject(new Error('edge unreachable')));
  });
}

function toConnection(socket: Socket, { id, coloName }: { id: string; coloName: string }): EdgeConnection {
  let left = false;
  return {
    id,
    coloName,
    unregister() {
      left = true;
      socket.destroy();
    },
    onClosed(listener) {
      const close = () => {
        if (!left) listener();
      };
      if (socket.destroyed) process.nextTick(close);
      else socket.once('close', close);
    },
  };
}
