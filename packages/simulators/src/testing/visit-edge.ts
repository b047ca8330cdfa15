import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { CloudflareSimulator } from '../cloudflare/start-cloudflare.ts';

export interface Visit {
  path?: string;
  /** the name in the handshake; that of the visit when absent, none when null */
  servername?: string | null;
  /** who visits, as the edge takes it: an address and a country */
  visitor?: string;
  /** who has signed in to Access */
  identity?: string;
  /** has passed the edge's challenge before */
  passed?: boolean;
  /** a service token of Access that is shown */
  token?: { clientId: string; clientSecret: string };
  /** whether the edge's own root is trusted; true when absent */
  trusting?: boolean;
}

export interface Page {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Visits a host name at the simulated edge on a connection of its own. @throws Error when the handshake fails or no page comes */
export function visitEdge(
  { edgeAddress, edgeCaFile }: Pick<CloudflareSimulator, 'edgeAddress' | 'edgeCaFile'>,
  hostname: string,
  { path = '/', servername = hostname, trusting = true, visitor, identity, token, passed }: Visit = {},
): Promise<Page> {
  const [host, port] = edgeAddress.split(':');
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port: Number(port),
        path,
        servername: servername ?? '',
        headers: {
          host: hostname,
          ...(visitor !== undefined && { 'x-simulated-visitor': visitor }),
          ...(identity !== undefined && { 'x-simulated-identity': identity }),
          ...(passed && { 'x-simulated-challenge': 'passed' }),
          ...(token && { 'cf-access-client-id': token.clientId, 'cf-access-client-secret': token.clientSecret }),
        },
        ...(trusting && { ca: readFileSync(edgeCaFile) }),
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}
