/** One order, as `POST /v1/orders` takes it. */
export interface Order {
  orderId: string;
  customer: { id: string; name: string; email: string };
  domain: string;
  image: string;
  licenseKey: string;
  environment?: 'production' | 'staging';
}

/** What Berth answers to an order. */
export interface Accepted {
  site: string;
  operation: string;
  nameServers: string[];
}

/** How far an operation has come. */
export interface Progress {
  status: 'running' | 'succeeded' | 'failed' | 'canceled';
  steps: { aspect: string; status: string; reason: string; message: string }[];
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

interface Connection {
  /** where the API is, for example http://127.0.0.1:8080 */
  apiUrl: string;
  apiKey: string;
  signal?: AbortSignal | undefined;
}

const TRIES = 8;

/**
 * Sends a request and repeats it while nobody, or only a passing trouble, answers. A repeated order can't become two: it
 * carries the same Idempotency-Key, and Berth answers it as it answered the first.
 * @throws Refused when Berth says no; the last failure when it stays away
 */
export async function send(
  { apiUrl, apiKey, signal }: Connection,
  method: string,
  path: string,
  more: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ response: Response; body: unknown }> {
  for (let tried = 1; ; tried += 1) {
    const answer = await attempt(apiUrl + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(more.body !== undefined && { 'content-type': 'application/json' }),
        ...more.headers,
      },
      body: more.body === undefined ? null : JSON.stringify(more.body),
      signal: signal ?? null,
    });
    if ('body' in answer && answer.response.ok) return answer;
    signal?.throwIfAborted();
    if (tried === TRIES || !canHelpToRepeat(answer)) throw toError(answer);
    await new Promise((resolve) => setTimeout(resolve, pauseMs(answer, tried)));
  }
}

type Attempt = { response: Response; body: unknown } | { failure: Error };

async function attempt(url: string, init: RequestInit): Promise<Attempt> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return { response, body: text === '' ? null : JSON.parse(text) };
  } catch (error) {
    return { failure: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** 409 `request.in-flight`: the first of two equal requests is still under way. */
function canHelpToRepeat(answer: Attempt): boolean {
  if ('failure' in answer) return true;
  const { status } = answer.response;
  return status === 429 || status >= 500 || (status === 409 && answer.response.headers.has('retry-after'));
}

function pauseMs(answer: Attempt, tried: number): number {
  const after = 'response' in answer ? Number(answer.response.headers.get('retry-after')) : 0;
  return after > 0 ? after * 1000 : Math.min(10_000, 200 * 2 ** tried);
}

function toError(answer: Attempt): Error {
  if ('failure' in answer) return answer.failure;
  const problem = (answer.body ?? {}) as { code?: string; detail?: string; title?: string };
  return new Refused(answer.response.status, problem.code ?? 'unknown', problem.detail ?? problem.title ?? 'refused');
}
