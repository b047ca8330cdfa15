import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { DockerControl } from '../docker/docker-control.ts';
import type { SystemdControl } from './systemd-control.ts';

const path = '/_control';

export interface HostControls {
  docker: DockerControl;
  systemd: SystemdControl;
}

/** A control as seen from another process: the same calls, each answered by a promise. */
export type Remote<T> = {
  [K in keyof T]: T[K] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Promise<Awaited<Result>>
    : never;
};

/**
 * Serves the controls of all hosts to other processes, on loopback only:
 * `POST /_control` with `{ "host": name, "of": "docker" | "systemd", "call": name, "arguments": [...] }`.
 */
export function makeHostControlServer(find: (host: string) => HostControls | undefined): Server {
  return createServer((request, response) => {
    run(request, find).then(
      (result) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ result: result ?? null })),
      (error: unknown) =>
        response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) })),
    );
  });
}

async function run(request: IncomingMessage, find: (host: string) => HostControls | undefined): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk));
  }
  if (request.url !== path || request.method !== 'POST') {
    throw new Error(`POST ${path}`);
  }
  const asked = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  const controls = find(String(asked.host));
  const control = asked.of === 'docker' ? controls?.docker : asked.of === 'systemd' ? controls?.systemd : undefined;
  const call = String(asked.call);
  const method = control !== undefined && Object.hasOwn(control, call) ? Reflect.get(control, call) : undefined;
  if (typeof method !== 'function') {
    throw new Error(`host ${String(asked.host)} has no control ${String(asked.of)}.${call}`);
  }
  return method(...(Array.isArray(asked.arguments) ? asked.arguments : []));
}

/** The controls of a host whose simulators run in another process. */
export function makeHostControl(
  controlUrl: string,
  host: string,
): { docker: Remote<DockerControl>; systemd: Remote<SystemdControl> } {
  return { docker: remote(controlUrl, host, 'docker'), systemd: remote(controlUrl, host, 'systemd') };
}

function remote<T extends object>(controlUrl: string, host: string, of: keyof HostControls): Remote<T> {
  return new Proxy({} as Remote<T>, {
    get: (_target, call) => {
      if (typeof call !== 'string' || call === 'then') {
        return undefined;
      }
      return async (...given: unknown[]): Promise<unknown> => {
        const body = JSON.stringify({ host, of, call, arguments: given });
        const answer = await fetch(controlUrl + path, { method: 'POST', body });
        const { result, error } = (await answer.json()) as { result?: unknown; error?: string };
        if (!answer.ok) {
          throw new Error(error);
        }
        return result;
      };
    },
  });
}
