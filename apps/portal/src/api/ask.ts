import { withDeadline } from '@berth/contract/call-deadline';
import type { Problem } from '@berth/contract/problem';
import type { RouteName, routes } from '@berth/contract/routes';
import type { z } from 'zod';
import { takeEarlyAnswer } from './early-answers.ts';

type Routes = typeof routes;
type Method = Routes[RouteName]['method'];
type At<M extends Method> = Extract<Routes[RouteName], { method: M }>;
type RouteAt<M extends Method, P extends string> = Extract<At<M>, { path: P }>;

type Names<P extends string> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Part<R, K extends string> = R extends Record<K, infer T extends z.ZodType> ? z.input<T> : never;
type Given<K extends string, T> = [T] extends [never] ? { [P in K]?: undefined } : { [P in K]: T };

/** The ETag of what is changed, where a route has it named in `If-Match`. */
type Seen<R> = R extends { ifMatch: true } ? { etag?: string } : { etag?: undefined };

/** What a route of the contract takes: the names in its path, its query, its body, and the ETag of what it changes. */
export type Input<M extends Method, P extends string> = Given<
  'params',
  [Names<P>] extends [never] ? never : Record<Names<P>, string>
> & { query?: Partial<Part<RouteAt<M, P>, 'query'>> } & Given<'body', Part<RouteAt<M, P>, 'body'>> &
  Seen<RouteAt<M, P>>;

/** What a route of the contract answers. */
export type Answer<M extends Method, P extends string> =
  RouteAt<M, P> extends { answer: infer T extends z.ZodType } ? z.output<T> : never;

/** The API said no, and why. */
export class Refused extends Error {
  override name = 'Refused';
  readonly problem: Problem;
  /** when the API asks to wait */
  readonly retryAfterS: number | undefined;
  constructor(problem: Problem, retryAfterS?: number) {
    super(problem.detail || problem.title);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

/** Whether the API refused with this HTTP status. */
export function isRefusal(error: unknown, status: number): error is Refused {
  return error instanceof Refused && error.problem.status === status;
}

/** Nothing came back: no network, or no API. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

interface Taken {
  params?: Record<string, string>;
  query?: object;
  body?: unknown;
  etag?: string;
}

const TIMEOUT_MS = 30_000;

/**
 * Calls a route of the contract: method, path, what it takes and what it answers are checked against the contract's types.
 * @throws Refused, Unreachable
 */
export async function ask<M extends Method, P extends At<M>['path']>(
  method: M,
  path: P,
  input: Input<M, P>,
  signal?: AbortSignal,
): Promise<Answer<M, P>> {
  const { params, query, body, etag } = input as Taken;
  const address = toAddress(path, params ?? {}, query ?? {});
  const early = method === 'get' ? takeEarlyAnswer(address) : undefined;
  const asked =
    early ??
    fetch(address, {
      method: method.toUpperCase(),
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(etag !== undefined && { 'If-Match': etag }),
      },
      signal: withDeadline(signal, TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const response = await asked.catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new Unreachable(`${path} did not answer`, { cause });
  });
  if (!response.ok) throw await toRefusal(response);
  return (await response.json()) as Answer<M, P>;
}

/** The address of a route, with its parameters put in and those parts of the query that are given. */
export function toAddress(path: string, params: Record<string, string>, query: object): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search ? `${filled}?${search}` : filled;
}

/** What an answer that isn't a success says, also when a proxy said it. */
export async function toRefusal(response: Response): Promise<Error> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const seconds = Number(response.headers.get('Retry-After'));
  if (problem?.code) return new Refused(problem, seconds > 0 ? seconds : undefined);
  return new Unreachable(`the answer was ${response.status}`);
}
