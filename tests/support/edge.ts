import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** Asks the simulated edge for a page as a visitor would: https with SNI and Host. */
export function fetchThroughEdge(
  environment: Record<string, string>,
  host: string,
  path = '/',
): Promise<{ status: number; body: string }> {
  const [address = '', port = ''] = (environment.EDGE_ADDRESS ?? '').split(':');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port: Number(port),
        path,
        servername: host,
        headers: { host },
        ca: readFileSync(environment.EDGE_CA_FILE ?? ''),
        agent: false,
        timeout: 10_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`${host} did not answer within 10 s`)));
    asked.on('error', reject);
    asked.end();
  });
}
