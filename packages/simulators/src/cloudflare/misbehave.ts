import type { ServerResponse } from 'node:http';
import type { Misbehaviour } from './misbehaviour.ts';

/**
 * What goes wrong before a call has its effect.
 * @param headers those that every answer carries
 * @returns whether that was all of the answer
 */
export async function misbehaveBefore(
  fault: Misbehaviour,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<boolean> {
  const fail = (status: number, code: number, message: string, more: Record<string, string> = {}): true => {
    const body = JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null });
    response.writeHead(status, { ...headers, ...more, 'Content-Type': 'application/json' }).end(body);
    return true;
  };
  switch (fault.kind) {
    case 'latency':
      await new Promise((resolve) => setTimeout(resolve, fault.ms ?? 1000));
      return false;
    case '429':
      return fail(429, 971, 'Please wait and consider throttling your request speed', {
        'Retry-After': String(fault.retryAfterSeconds ?? 1),
      });
    case '5xx':
      return fail(fault.status ?? 500, 10_001, 'internal error');
    case 'refusal':
      return fail(fault.status ?? 400, fault.code ?? 1000, 'refused');
    case 'html-5xx':
      response
        .writeHead(fault.status ?? 502, { 'Content-Type': 'text/html' })
        .end(`<html><h1>${fault.status ?? 502} Bad Gateway</h1></html>`);
      return true;
    case 'cut':
      response.destroy();
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}
