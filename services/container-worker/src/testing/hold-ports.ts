import { createServer, type Server } from 'node:net';

/** A range of customers' ports that no other test has at the same time, in this process or another. */
export interface HeldPorts {
  start: number;
  end: number;
  release(): void;
}

const FIRST = 3500;
const LAST = 3999;
const SIZE = 50;

/** Takes the first range whose guard, the port before its others, nobody listens on. @throws Error when all are taken */
export async function holdPorts(): Promise<HeldPorts> {
  for (let guard = FIRST; guard + SIZE - 1 <= LAST; guard += SIZE) {
    const held = await listen(guard);
    if (held) return { start: guard + 1, end: guard + SIZE - 1, release: () => held.close() };
  }
  throw new Error(`no range of ports is free from ${FIRST} to ${LAST}`);
}

/** A listener on a port of 127.0.0.1; undefined when something else has it. */
export function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}
