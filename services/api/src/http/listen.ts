import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

const KEEP_ALIVE_MS = 65_000;
const REQUEST_MS = 30_000;

/** A listening server. */
export interface Listening {
  url: string;
  /** Takes no further requests; those under way have `timeoutMs` to end. */
  drain(timeoutMs: number): Promise<void>;
}

/** @throws Error with a sentence for the operator when the address is taken */
export async function listen(app: Express, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: REQUEST_MS }, app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `API_PORT: ${host}:${port} is in use by another program; choose another port`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}`,
    async drain(timeoutMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await closed;
      clearTimeout(late);
    },
  };
}
