import type { ContainerEngine } from './container-engine.ts';
import type { Json } from './json.ts';

export interface Call {
  engine: ContainerEngine;
  /** the decoded capture of the route's pattern, a name or an id */
  name: string;
  query: URLSearchParams;
  /** the header `X-Registry-Auth` */
  registryAuth: string | undefined;
  body: Json;
  /** ends when the caller goes away or the simulator stops */
  signal: AbortSignal;
}

/** What a stream writes: the chunk goes out at once. */
export type Write = (chunk: string | Buffer) => void;

export type Answer =
  | { kind: 'json'; status: number; body: unknown }
  | { kind: 'text'; status: number; body: string }
  | { kind: 'empty'; status: number }
  | { kind: 'stream'; contentType: string; run: (write: Write) => Promise<void> };

export interface Route {
  method: string;
  /** on the path without the API version */
  pattern: RegExp;
  answer: (call: Call) => Answer | Promise<Answer>;
}

export const json = (body: unknown, status = 200): Answer => ({ kind: 'json', status, body });
export const empty = (status = 204): Answer => ({ kind: 'empty', status });

/** Whether a query flag is on, as the Engine reads it: anything but absent, empty, 0, no, false, none. */
export function isOn(query: URLSearchParams, key: string): boolean {
  return !['', '0', 'no', 'false', 'none'].includes((query.get(key) ?? '').toLowerCase());
}

/** Resolves when the signal ends. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
