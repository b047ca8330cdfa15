import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenSmall, type SmallListener } from '../docker/small-listener.ts';
import type { IngressRule } from './ingress.ts';
import { StartFailure } from './parse-arguments.ts';

interface Observed {
  connectorId: string;
  ingress: IngressRule[];
  readyConnections: () => number;
}

/**
 * What cloudflared serves at its metrics address: `/ready`, `/healthcheck`, `/metrics`, `/config`.
 * @throws StartFailure with exit status 1 when the address is taken
 */
export async function serveMetrics(address: string | undefined, observed: Observed): Promise<SmallListener> {
  const match = /^(.*):(\d+)$/.exec(address ?? '127.0.0.1:0');
  const host = match?.[1] === 'localhost' || match?.[1] === '' ? '127.0.0.1' : (match?.[1] ?? '127.0.0.1');
  const handler = (request: IncomingMessage, response: ServerResponse): void => answer(observed, request, response);
  try {
    return await listenSmall({ host, port: Number(match?.[2] ?? 0), handler });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = code === 'EADDRINUSE' ? 'address already in use' : code;
    throw new StartFailure(
      `Error opening metrics server listener: failed to bind to address (${address}): listen tcp ${address}: bind: ${reason}`,
    );
  }
}

function answer(
  { connectorId, ingress, readyConnections }: Observed,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const count = readyConnections();
  const status = count > 0 ? 200 : 503;
  request.resume();
  switch ((request.url ?? '/').split('?')[0]) {
    case '/ready':
      send(response, status, 'application/json', JSON.stringify({ status, readyConnections: count, connectorId }));
      return;
    case '/healthcheck':
      send(response, 200, 'text/plain; charset=utf-8', 'OK\n');
      return;
    case '/metrics':
      send(response, 200, 'text/plain; version=0.0.4', toMetrics(count));
      return;
    case '/config':
      send(response, 200, 'application/json', JSON.stringify(toLiveConfig(ingress)));
      return;
    default:
      send(response, 404, 'text/plain; charset=utf-8', '404 page not found\n');
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

function toMetrics(connections: number): string {
  return [
    '# HELP cloudflared_tunnel_ha_connections Number of active ha connections',
    '# TYPE cloudflared_tunnel_ha_connections gauge',
    `cloudflared_tunnel_ha_connections ${connections}`,
    '',
  ].join('\n');
}

/** The live ingress; version -1 says that it came from a local file. */
function toLiveConfig(ingress: IngressRule[]): object {
  const rules = ingress.map(({ hostname, writtenPath, written, hostHeader }) => ({
    hostname,
    path: writtenPath === '' ? null : writtenPath,
    service: written,
    Handlers: null,
    originRequest: hostHeader === undefined ? {} : { httpHostHeader: hostHeader },
  }));
  return {
    version: -1,
    config: {
      ingress:
        rules.length > 0
          ? rules
          : [{ hostname: '', path: null, service: 'http_status:503', Handlers: null, originRequest: {} }],
      'warp-routing': {},
      originRequest: {},
    },
  };
}
