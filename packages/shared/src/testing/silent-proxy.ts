import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can fall silent as a network does: connections stay, and nothing comes through. */
export interface SilentProxy {
  url: string;
  /** @param silent whether what is sent is kept back */
  silence(silent: boolean): void;
  close(): Promise<void>;
}

/** @param url of the server, with host and port */
export async function startSilentProxy(url: string): Promise<SilentProxy> {
  const target = new URL(url);
  const open = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('data', (data) => {
        if (!silent) to.write(data);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: own.href,
    silence(wanted) {
      silent = wanted;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
