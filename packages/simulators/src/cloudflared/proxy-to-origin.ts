import {
  Agent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as openRequest,
  type ServerResponse,
} from 'node:http';
import { findRule, type IngressRule } from './ingress.ts';

// One pool for all connectors of the process, as each real one has its own to few origins.
const agent = new Agent({ keepAlive: true, maxFreeSockets: 4, timeout: 90_000 });

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Answers a visitor's request from the first rule that matches: 502 when the origin is down, 503 when there are no rules. */
export function proxyToOrigin(rules: IngressRule[], request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://visitor');
  const found = findRule(rules, request.headers.host ?? '', pathname);
  if (found === undefined || found.rule.service.kind !== 'http') {
    const service = found?.rule.service;
    request.resume();
    response.writeHead(service === undefined ? 503 : service.kind === 'status' ? service.status : 502).end();
    return;
  }
  const { host, port } = found.rule.service;
  forward({ request, response, host, port, hostHeader: found.rule.hostHeader });
}

interface Forwarded {
  request: IncomingMessage;
  response: ServerResponse;
  host: string;
  port: number;
  hostHeader: string | undefined;
  again?: boolean;
}

function forward(forwarded: Forwarded): void {
  const { request, response, host, port, hostHeader, again = false } = forwarded;
  const headers: OutgoingHttpHeaders = {
    ...request.headers,
    ...(hostHeader === undefined ? {} : { host: hostHeader }),
  };
  for (const name of hopByHop) {
    delete headers[name];
  }
  const bodiless = request.method === 'GET' || request.method === 'HEAD';
  const outgoing = openRequest({
    host,
    port,
    path: request.url ?? '/',
    method: request.method ?? 'GET',
    headers,
    agent,
  });
  outgoing.on('response', (incoming) => {
    const kept = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !hopByHop.has(name)));
    response.writeHead(incoming.statusCode ?? 502, kept);
    incoming.pipe(response);
    incoming.on('error', () => response.destroy());
  });
  outgoing.on('error', () => {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    // The origin may have closed a kept connection in the same moment; Go's client tries again then, and so does this.
    if (outgoing.reusedSocket && bodiless && !again) {
      forward({ ...forwarded, again: true });
      return;
    }
    response.writeHead(502, { 'content-type': 'text/plain' }).end('Unable to reach the origin service.\n');
  });
  response.once('close', () => outgoing.destroy());
  if (bodiless) {
    request.resume();
    outgoing.end();
  } else {
    request.pipe(outgoing);
  }
}
