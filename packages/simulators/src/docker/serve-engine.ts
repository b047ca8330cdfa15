import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEngine } from './container-engine.ts';
import { EngineError } from './engine-error.ts';
import type { Fault, FaultPlan } from './fault-plan.ts';
import { type Json, toRecord } from './json.ts';
import type { Answer, Route } from './route.ts';

interface Served {
  engine: ContainerEngine;
  routes: Route[];
  faults: FaultPlan;
}

/** The HTTP side of the Engine; a version in front of a path is checked, and makes no other difference. */
export function serveEngine(served: Served): Server {
  return createServer((request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    respond(served, request, response, gone.signal).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const status = error instanceof EngineError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      send(response, status === 304 ? { kind: 'empty', status } : { kind: 'json', status, body: { message } });
    });
  });
}

async function respond(served: Served, request: IncomingMessage, response: ServerResponse, signal: AbortSignal) {
  const url = new URL(request.url ?? '/', 'http://docker');
  const [, version, path = ''] = /^(?:\/v(\d+\.\d+)(?=\/))?(.*)$/.exec(url.pathname) ?? [];
  const body = await readBody(request);
  const fault = served.faults.take(`${request.method} ${path}`);
  if (fault !== undefined && !(await applyFault(fault, response, signal))) {
    return;
  }
  assertVersion(version);
  const found = served.routes.find((route) => route.method === request.method && route.pattern.test(path));
  if (found === undefined) {
    throw new EngineError(404, 'page not found');
  }
  const name = decodeURIComponent(found.pattern.exec(path)?.[1] ?? '');
  const header = request.headers['x-registry-auth'];
  const registryAuth = Array.isArray(header) ? header[0] : header;
  const { engine } = served;
  const answer = await found.answer({ engine, name, query: url.searchParams, registryAuth, body, signal });
  if (fault?.kind === 'lost') {
    if (answer.kind === 'stream') {
      await answer.run(() => undefined);
    }
    response.destroy();
    return;
  }
  if (answer.kind === 'stream') {
    response.writeHead(200, { ...engineHeaders, 'content-type': answer.contentType });
    response.flushHeaders();
    await answer.run((chunk) => response.write(chunk));
    response.end();
    return;
  }
  send(response, answer);
}

/** @throws EngineError 400 for an API version that this Engine does not speak */
function assertVersion(asked: string | undefined): void {
  const toNumber = (version: string): number => {
    const [major, minor] = version.split('.');
    return Number(major) * 1000 + Number(minor);
  };
  if (asked !== undefined && toNumber(asked) > toNumber(newestVersion)) {
    throw new EngineError(400, `client version ${asked} is too new. Maximum supported API version is ${newestVersion}`);
  }
  if (asked !== undefined && toNumber(asked) < toNumber(oldestVersion)) {
    throw new EngineError(
      400,
      `client version ${asked} is too old. Minimum supported API version is ${oldestVersion}, please upgrade your client to a newer version`,
    );
  }
}

/** Gives whether the call goes on to its effect. */
async function applyFault(fault: Fault, response: ServerResponse, signal: AbortSignal): Promise<boolean> {
  switch (fault.kind) {
    case 'latency':
      await delay(fault.ms ?? 1000, undefined, { signal }).catch(() => undefined);
      return true;
    case 'lost':
      return true;
    case 'hang':
      return false;
    case 'crash':
      response.destroy();
      return false;
    case 'error':
      throw new EngineError(fault.status ?? 500, fault.message ?? 'simulated failure');
  }
}

const newestVersion = '1.41';
const oldestVersion = '1.12';

const engineHeaders = {
  'api-version': newestVersion,
  'docker-experimental': 'false',
  ostype: 'linux',
  server: 'Docker/20.10.24 (linux)',
};

function send(response: ServerResponse, answer: Exclude<Answer, { kind: 'stream' }>): void {
  if (answer.kind === 'empty') {
    response.writeHead(answer.status, engineHeaders).end();
    return;
  }
  const [type, text] =
    answer.kind === 'json'
      ? ['application/json', `${JSON.stringify(answer.body)}\n`]
      : ['text/plain; charset=utf-8', answer.body];
  response
    .writeHead(answer.status, { ...engineHeaders, 'content-type': type, 'content-length': Buffer.byteLength(text) })
    .end(text);
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(Buffer.from(chunk));
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') {
    return {};
  }
  try {
    return toRecord(JSON.parse(text));
  } catch {
    throw new EngineError(400, 'invalid JSON in the request body');
  }
}
