import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '@berth/contract/call-deadline';
import type { Problem } from '@berth/contract/problem';
import { Failure } from '../failure.ts';
import type { ApiSettings } from '../settings.ts';
import { toFailure } from './refusal.ts';

/** What is asked of the API. */
export interface Question {
  /** what is being done, for whoever reads that it failed: "reading site customer_123" */
  doing: string;
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** asked again when no answer came; not for what would then happen twice */
  repeatable?: boolean;
  /** how long to ask again while something is still leaving; default not at all */
  patienceMs?: number;
  /** told once when it has to be asked again */
  onPatience?: (why: string) => void;
}

/** Asks the API. @returns what it answered @throws Failure */
export type Ask = <Answer>(question: Question) => Promise<Answer>;

const TRIES = 3;
const PAUSE_MS = 500;
const TIMEOUT_MS = 40_000;
/** Refusals that pass by themselves in seconds. */
const PASSING = new Set(['site.leaving', 'idempotency.in-flight']);

interface Answered {
  status: number;
  body: unknown;
  retryAfterMs: number;
}

/** @param signal ends everything that is under way */
export function makeAsk({ url, key }: ApiSettings, signal: AbortSignal): Ask {
  async function once({ method = 'GET', path, body, headers }: Question): Promise<Answered> {
    const response = await fetch(url + path, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: withDeadline(signal, TIMEOUT_MS),
    });
    const text = await response.text();
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000;
    return { status: response.status, body: parse(text), retryAfterMs };
  }

  async function answered(question: Question): Promise<Answered> {
    const { method = 'GET', repeatable = method !== 'POST' } = question;
    for (let tried = 1; ; tried += 1) {
      const last = !repeatable || tried === TRIES;
      try {
        const answer = await once(question);
        if (answer.status < 500 || last) return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (last) throw toSilence(question.doing, url, repeatable, error);
      }
      await delay(PAUSE_MS * tried, undefined, { signal });
    }
  }

  return async <T>(question: Question) => {
    const { doing, patienceMs = 0, onPatience } = question;
    const deadline = performance.now() + patienceMs;
    for (let told = false; ; told = true) {
      const { status, body, retryAfterMs } = await answered(question);
      if (status < 300) return body as T;
      const problem = toProblem(body);
      const passes = status === 409 && PASSING.has(problem.code ?? '') && performance.now() + retryAfterMs < deadline;
      if (!passes) throw toFailure(doing, status, problem);
      if (!told) onPatience?.(problem.detail ?? '');
      await delay(Math.max(PAUSE_MS, retryAfterMs), undefined, { signal });
    }
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Something between here and the API may answer with anything. */
function toProblem(body: unknown): Partial<Problem> {
  return typeof body === 'object' && body !== null ? body : { detail: 'the answer is none of the API' };
}

function toSilence(doing: string, url: string, repeatable: boolean, error: unknown): Failure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const unsent = code === 'ECONNREFUSED' || code === 'ENOTFOUND';
  const why = [`nothing answers at ${url} (${code || String(cause)})`];
  if (!repeatable && !unsent) why.push('whether it was done is not known: look before you ask again');
  return new Failure({
    ending: 'passing',
    what: doing,
    why,
    fix: 'start Berth, or set BERTH_API_URL to where it is',
    cause: error,
  });
}
