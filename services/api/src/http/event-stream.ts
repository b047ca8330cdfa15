import { once } from 'node:events';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Request } from 'express';
import type { Call } from './handler-types.ts';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 3000;

/** Whether the caller asks for Server-Sent Events. */
export function wantsEventStream(request: Request): boolean {
  return request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
}

/** One event of a stream; who comes back with its id goes on after it. */
interface StreamEvent {
  id: number | string;
  type: string;
  data: unknown;
}

/**
 * Sends what comes as Server-Sent Events (HTML standard, "Server-sent events"), until the caller or the process goes, or the caller may not
 * read it any more. Who comes back with `Last-Event-ID` misses none.
 * @throws BerthError `stream.too-many`
 */
export async function sendEventStream<T>(
  { response, openStream }: Pick<Call, 'response' | 'openStream'>,
  follow: (signal: AbortSignal) => AsyncIterable<T>,
  toEvent: (one: T) => StreamEvent,
  stopping: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // Who went before we listened is told of no more.
  if (response.closed || response.destroyed) return;
  const open = openStream();
  response.status(200);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('X-Accel-Buffering', 'no');
  response.write(`retry: ${RETRY_MS}\n\n`);
  const heart = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    const signal = AbortSignal.any([gone.signal, open.ended, stopping]);
    for await (const one of follow(signal)) {
      if (gone.signal.aborted || open.ended.aborted) break;
      const { id, type, data } = toEvent(one);
      const fits = response.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
      // Who reads slowly is waited for: what is not read yet stays in the database.
      if (!fits) await once(response, 'drain', { signal }).catch(() => undefined);
    }
  } finally {
    clearInterval(heart);
    open.close();
    response.end();
  }
}

/** The id of the last event that the caller has read. @throws BerthError `request.invalid` */
export function lastEventIdOf(request: Request): number | undefined {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new BerthError('request.invalid', 'Last-Event-ID is not the id of an event', {
    fields: [{ pointer: '#header/Last-Event-ID', detail: 'must be the id of the last event that was read' }],
  });
}
