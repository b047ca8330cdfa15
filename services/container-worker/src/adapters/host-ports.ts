import { createServer } from 'node:net';
import type { HostPorts } from '../reconcile/container-access.ts';

/** Whether a port of this host can be taken is found by taking it for a moment. */
export function makeHostPorts(): HostPorts {
  return {
    isFree: (port) =>
      new Promise((resolve, reject) => {
        const server = createServer();
        server.once('error', (error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRINUSE') resolve(false);
          else reject(error);
        });
        server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
      }),
  };
}
