import type { CloudflareSimulator } from '../cloudflare/start-cloudflare.ts';
import { type ApiAnswer, assertEnvelope, type Envelope } from './assert-envelope.ts';

/** Makes one call; `path` is that below `/client/v4`, with its query. Every answer is held against the rules of the envelope. */
export type CallApi = (method: string, path: string, body?: unknown) => Promise<ApiAnswer>;

interface ClientOptions {
  /** the whole Authorization header; that of the simulator's own token when absent, none when null */
  authorization?: string | null;
  /** told of every answer */
  onAnswer?: (method: string, path: string, answer: ApiAnswer) => void;
}

/** A client of a simulated API, as bare as HTTP is. */
export function makeApiClient(
  { apiUrl, apiToken }: Pick<CloudflareSimulator, 'apiUrl' | 'apiToken'>,
  { authorization = `Bearer ${apiToken}`, onAnswer }: ClientOptions = {},
): CallApi {
  return async (method, path, body) => {
    const response = await fetch(apiUrl + path, {
      method,
      headers: {
        ...(authorization !== null && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    const answer = { status, headers, body: (await response.json()) as Envelope };
    assertEnvelope(method, path, answer);
    onAnswer?.(method, path, answer);
    return answer;
  };
}

/** A call's outcome in short: its status and the codes that it names. */
export function toOutcome({ status, body }: ApiAnswer): [status: number, ...codes: number[]] {
  return [status, ...body.errors.map(({ code }) => code)];
}
