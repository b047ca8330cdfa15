import { readFileSync } from 'node:fs';
import { request } from 'node:https';

export interface EdgeAnswer {
  status: number;
  body: string;
}

/** Fetches a page as a visitor would, by https with SNI, but from the edge's address given instead of asking DNS for it. */
export function fetchThroughEdge(
  host: string,
  edge: { address: string; caFile: string },
  path = '/',
): Promise<EdgeAnswer> {
  const [address = '', port = ''] = edge.address.split(':');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: address,
        port: Number(port),
        path,
        servername: host,
        headers: { host },
        ca: readFileSync(edge.caFile),
        agent: false,
        timeout: 10_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`${host} did not answer within 10 s`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** The command with which a person sees the same page. */
export function curlLine(host: string, edge: { address: string; caFile: string }): string {
  const [address, port] = edge.address.split(':');
  return `curl --cacert ${edge.caFile} --connect-to ${host}:443:${address}:${port} https://${host}/`;
}
