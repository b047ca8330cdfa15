import type { SiteEvent } from '@berth/contract/site';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Request } from 'express';
import type { Call } from './handlers.ts';

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 3000;

/** Whether the caller asks for Server-Sent Events. */
export function wantsEventStream(request: Request): boolean {
  return request.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
}

/**
 * Sends a site's events as they come (HTML standard, "Server-sent events"), until the caller or the process goes. Who comes back with
 * `Last-Event-ID` misses none: events are numbered without gaps.
 */
export async function sendEventStream(
  { request, response }: Pick<Call, 'request' | 'response'>,
  follow: (after: number, signal: AbortSignal) => AsyncIterable<SiteEvent>,
  after: number,
  stopping: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  const from = parseLastEventId(request.headers['last-event-id']) ?? after;
  response.once('close', () => gone.abort());
  response.status(200);
  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('X-Accel-Buffering', 'no');
  response.write(`retry: ${RETRY_MS}\n\n`);
  const heart = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  try {
    for await (const event of follow(from, AbortSignal.any([gone.signal, stopping]))) {
      response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
  } finally {
    clearInterval(heart);
    response.end();
  }
}

function parseLastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new BerthError('request.invalid', 'Last-Event-ID is not the id of an event', {
    fields: [{ pointer: '#header/Last-Event-ID', detail: 'must be the id of the last event that was read' }],
  });
}
