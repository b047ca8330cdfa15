import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface SmallListener {
  port: number;
  /** Stops listening; `cut` also ends the connections that are open. */
  close(cut: boolean): void;
}

interface Listening {
  host: string;
  /** 0 takes a free one */
  port: number;
  handler: RequestListener;
  /** false while nothing listens behind the port: a connection is then accepted and closed, as docker-proxy does */
  answering?: () => boolean;
}

const handlers = new WeakMap<Socket, RequestListener>();

// One parser and one set of timers serve every listener: 900 whole HTTP servers would cost a multiple.
const shared = createHttpServer((request, response) => {
  const handler = handlers.get(request.socket);
  if (handler === undefined) {
    request.socket.destroy();
    return;
  }
  handler(request, response);
});
shared.keepAliveTimeout = 30_000;
shared.requestTimeout = 0;

/**
 * Listens on a TCP port and answers HTTP there, for a few kB of memory.
 * @throws the system's error (`EADDRINUSE`, `EACCES`, …) when the port can't be had
 */
export function listenSmall({ host, port, handler, answering }: Listening): Promise<SmallListener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (answering !== undefined && !answering()) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    handlers.set(socket, handler);
    socket.once('close', () => sockets.delete(socket));
    shared.emit('connection', socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 64 }, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        close: (cut) => {
          server.close();
          for (const socket of sockets) {
            if (cut) {
              socket.destroy();
            } else {
              socket.end();
            }
          }
        },
      });
    });
  });
}
