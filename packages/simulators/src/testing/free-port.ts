import { createServer } from 'node:net';

/** Below those that the system gives to whoever asks for any: what is free now is still free when it is listened on. */
const FIRST = 10_000;
const EACH = 1000;
const WORKERS = 8;

/** Which of the test files that run at the same time this is: each chooses ports and slots of its own. */
export const testWorker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;

let given = 2 * Math.floor((Math.random() * EACH) / 2);

/** A port of 127.0.0.1 that nobody listens on, and that no other test will choose meanwhile; nor is the one after it given to anybody. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < EACH; tries += 1) {
    given = (given + 2) % EACH;
    const port = FIRST + testWorker * EACH + given;
    if (await isPortFree(port)) return port;
  }
  throw new Error('no port is free');
}

/** Whether nobody listens on a port of 127.0.0.1 at this moment. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
