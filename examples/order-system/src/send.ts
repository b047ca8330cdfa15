import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '@berth/contract/call-deadline';
import type { Problem } from '@berth/contract/problem';

/** Where Berth is, and with which key. */
export interface Connection {
  /** for example http://127.0.0.1:8080 */
  apiUrl: string;
  apiKey: string;
  /** ends everything that is under way */
  signal?: AbortSignal | undefined;
}

/** An answer that no repeating will change: Berth refused the request. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(`${detail} (${code}, HTTP ${status})`);
    this.status = status;
    this.code = code;
  }
}

/** What is asked of Berth. */
export interface Ask<Answer> {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** Reads an answer of the 2xx kind; what it throws counts as if nobody had answered. */
  read(response: Response): Promise<Answer>;
  /** how long one try may take; default half a minute, undefined for ever */
  timeoutMs?: number | undefined;
}

const TRIES = 8;
const TIMEOUT_MS = 30_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Sends a request and repeats it while nobody, or only a passing trouble, answers. A repeated order can't become two: it
 * carries the same Idempotency-Key, and Berth answers it as it answered the first.
 * @throws Refused when Berth says no; the last failure when it stays away
 */
export async function send<Answer>(connection: Connection, ask: Ask<Answer>): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    const attempt = await tryOnce(connection, ask);
    if ('answer' in attempt) return attempt.answer;
    connection.signal?.throwIfAborted();
    if (tried === TRIES || !canHelpToRepeat(attempt)) throw attempt.failure;
    await delay(pauseMs(attempt, tried), undefined, connection.signal && { signal: connection.signal });
  }
}

type Attempt<Answer> = { answer: Answer } | Failure;

interface Failure {
  failure: Error;
  /** missing where nobody answered */
  response?: Response;
}

async function tryOnce<Answer>(connection: Connection, ask: Ask<Answer>): Promise<Attempt<Answer>> {
  const { apiUrl, apiKey, signal } = connection;
  const { method, path, body, headers } = ask;
  const timeoutMs = 'timeoutMs' in ask ? ask.timeoutMs : TIMEOUT_MS;
  const until = timeoutMs === undefined ? signal : withDeadline(signal, timeoutMs);
  try {
    const response = await fetch(apiUrl + path, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: until ?? null,
    });
    if (response.ok) return { answer: await ask.read(response) };
    return { response, failure: await toRefused(response) };
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Errors are problems by RFC 9457; something between here and Berth may answer with anything else. */
async function toRefused(response: Response): Promise<Refused> {
  const text = await response.text();
  const problem: Partial<Problem> = text.startsWith('{') ? JSON.parse(text) : {};
  return new Refused(response.status, problem.code ?? 'unknown', problem.detail ?? problem.title ?? 'refused');
}

/** 409 with `Retry-After`: the first of two equal requests is still under way, or a former site is leaving. */
function canHelpToRepeat({ response }: Failure): boolean {
  if (!response) return true;
  const { status } = response;
  return status === 429 || status >= 500 || (status === 409 && response.headers.has('retry-after'));
}

function pauseMs({ response }: Failure, tried: number): number {
  const afterSeconds = Number(response?.headers.get('retry-after') ?? 0);
  return afterSeconds > 0 ? afterSeconds * 1000 : Math.min(LONGEST_PAUSE_MS, 200 * 2 ** tried);
}
