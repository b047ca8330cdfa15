import { readFileSync } from 'node:fs';
import { request } from 'node:https';

/** Where the edge is, and what proves that it is the edge. */
export interface Edge {
  /** host:port */
  address: string;
  caFile: string;
}

export interface EdgeAnswer {
  status: number;
  body: string;
}

interface Fetch {
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
  path?: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Fetches a page as a visitor would, by https with SNI, but from the edge's address given instead of asking DNS for it.
 * @param host in ASCII
 * @throws Error when no page came
 */
export function fetchThroughEdge(
  host: string,
  { address, caFile }: Edge,
  { signal, headers = {}, path = '/' }: Fetch = {},
): Promise<EdgeAnswer> {
  const { hostname, port } = new URL(`https://${address}`);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: hostname,
        port,
        path,
        servername: host,
        headers: { ...headers, host },
        ca: readFileSync(caFile),
        agent: false,
        timeout: TIMEOUT_MS,
        ...(signal && { signal }),
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
    asked.on('timeout', () => asked.destroy(new Error(`${host} did not answer within ${TIMEOUT_MS / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** The command with which a person sees the same page, also where a proxy is set for everything else. */
export function curlLine(host: string, { address, caFile }: Edge): string {
  return `curl --noproxy '*' --cacert ${caFile} --connect-to ${host}:443:${address} https://${host}/`;
}
