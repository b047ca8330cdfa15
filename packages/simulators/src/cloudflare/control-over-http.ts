import { createServer, type Server } from 'node:http';
import type { CloudflareControl } from './control.ts';

const PATH = '/_control';

/** Serves a control to other processes: `POST /_control` with `{ "call": name, "arguments": [...] }`. On loopback only. */
export function makeControlServer(control: CloudflareControl): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const end = (status: number, body: unknown) =>
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body ?? null));
      const isCall = request.url === PATH && request.method === 'POST';
      const called = isCall
        ? run(control, Buffer.concat(chunks).toString('utf8'))
        : Promise.reject(new Error(`POST ${PATH}`));
      called.then(
        (result) => end(200, { result: result ?? null }),
        (error: unknown) => end(400, { error: error instanceof Error ? error.message : String(error) }),
      );
    });
  });
}

async function run(control: CloudflareControl, text: string): Promise<unknown> {
  const { call, arguments: given = [] } = JSON.parse(text) as { call?: string; arguments?: unknown[] };
  const methods = control as unknown as Record<string, (...all: unknown[]) => Promise<unknown>>;
  const method = call !== undefined && Object.hasOwn(methods, call) ? methods[call] : undefined;
  if (!method)
    throw new Error(`there is no control ${JSON.stringify(call)}; there are ${Object.keys(methods).join(', ')}`);
  return method(...given);
}

/** The control of a simulator in another process, by the address that it printed. */
export function makeCloudflareControl(controlUrl: string): CloudflareControl {
  return new Proxy({} as CloudflareControl, {
    get: (_, call) => {
      if (call === 'then') return undefined;
      return async (...given: unknown[]) => {
        const answer = await fetch(controlUrl + PATH, {
          method: 'POST',
          body: JSON.stringify({ call, arguments: given }),
        });
        const body = (await answer.json()) as { result?: unknown; error?: string };
        if (!answer.ok) throw new Error(body.error);
        return body.result;
      };
    },
  });
}
