import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics } from 'prom-client';
import { messageOf } from '../errors/berth-error.ts';
import type { Database } from '../store/database.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Running } from './worker.ts';

interface MetricsServer {
  address: { host: string; port: number };
  metrics: Metrics;
  db: Database;
  log: Log;
}

/**
 * Serves what an operator's tools ask of any process: `/metrics` with Node's own figures, `/livez` (the process answers) and `/readyz` (its database does).
 * It names no customer and knows no secret, and has no key of its own: it belongs on an address that strangers don't reach.
 * @throws Error with a sentence for the operator when the address is taken
 */
export async function serveMetrics({ address, metrics, db, log }: MetricsServer): Promise<Running & { url: string }> {
  collectDefaultMetrics({ register: metrics.registry });
  const answers = new Map<string, (response: ServerResponse) => Promise<unknown>>([
    [
      '/metrics',
      async (response) => {
        response.setHeader('Content-Type', metrics.registry.contentType);
        response.end(await metrics.registry.metrics());
      },
    ],
    ['/livez', async (response) => response.end('ok\n')],
    [
      '/readyz',
      async (response) => {
        await db.pool.query('select 1');
        response.end('ok\n');
      },
    ],
  ]);
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const answer = request.method === 'GET' ? answers.get(path) : undefined;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (!answer) {
      response.statusCode = 404;
      response.end(`there are ${[...answers.keys()].join(', ')}\n`);
      return;
    }
    answer(response).catch((error: unknown) => {
      log.warn({ path, err: messageOf(error) }, 'could not answer for operators');
      response.statusCode = 503;
      response.end('not ready\n');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `METRICS_ADDRESS: ${address.host}:${address.port} is in use by another program; choose another port`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken, { cause: error }) : error);
    });
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`;
  log.info({ url }, 'metrics are served');
  return {
    url,
    async drain() {
      server.close();
      server.closeAllConnections();
    },
  };
}
