import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a receiver was sent. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a receiver answers; `silence`: not at all; `cut`: it hangs up; `endless`: with a body that never ends. */
export type Behaviour =
  | { status: number; headers?: Record<string, string>; delayMs?: number }
  | 'silence'
  | 'cut'
  | 'endless';

/** A real HTTP server that takes what is posted to it. */
export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  /** how it answers from now on */
  behave(behaviour: Behaviour): void;
  stop(): Promise<void>;
}

/** Starts a receiver on loopback. @param port a port that it had before, for one that comes back */
export async function startReceiver(port = 0): Promise<Receiver> {
  const received: Received[] = [];
  let now: Behaviour = { status: 204 };
  const server: Server = createServer((request, response) => {
    const behaviour = now;
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      if (behaviour === 'cut') request.socket.destroy();
      if (behaviour === 'endless') response.writeHead(200).write('…');
      if (typeof behaviour === 'string') return;
      setTimeout(() => response.writeHead(behaviour.status, behaviour.headers).end(), behaviour.delayMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/hooks`,
    port: bound,
    received,
    behave(behaviour) {
      now = behaviour;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
