import { toRefusal, Unreachable } from './ask.ts';

/** One Server-Sent Event. */
export interface StreamEvent {
  id: string | undefined;
  type: string;
  data: string;
}

/** What is open of a stream: lines that came, and the event that they belong to. */
interface Reading {
  rest: string;
  id: string | undefined;
  type: string;
  data: string[];
}

/** Before anything came. */
export const nothingRead: Reading = { rest: '', id: undefined, type: 'message', data: [] };

/**
 * Reads a further piece of a stream (HTML standard, "Interpreting an event stream").
 * @returns the events that it completes, and what is open after it
 */
export function readPiece(before: Reading, piece: string): { events: StreamEvent[]; after: Reading } {
  const lines = (before.rest + piece).split('\n');
  const after: Reading = { ...before, data: [...before.data], rest: lines.pop() ?? '' };
  const events: StreamEvent[] = [];
  for (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') {
      if (after.data.length > 0) events.push({ id: after.id, type: after.type, data: after.data.join('\n') });
      after.data = [];
      after.type = 'message';
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') after.data.push(value);
    else if (field === 'id') after.id = value;
    else if (field === 'event') after.type = value;
  }
  return { events, after };
}

/**
 * Follows a stream until it ends or `signal` is aborted.
 * @param lastId the events after this one
 * @throws Refused, Unreachable
 */
export async function followStream(
  address: string,
  lastId: string | undefined,
  onEvent: (event: StreamEvent) => void,
  { signal, onOpen }: { signal: AbortSignal; onOpen(): void },
): Promise<void> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (lastId !== undefined) headers['Last-Event-ID'] = lastId;
  const response = await fetch(address, { headers, signal, cache: 'no-store' }).catch((cause: unknown) => {
    throw new Unreachable(`${address} did not answer`, { cause });
  });
  if (!response.ok || !response.body) throw await toRefusal(response);
  onOpen();
  let reading = nothingRead;
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, after } = readPiece(reading, decoder.decode(value, { stream: true }));
    reading = after;
    for (const event of events) onEvent(event);
  }
}
