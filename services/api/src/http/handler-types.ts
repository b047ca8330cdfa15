import type { RouteName, routes } from '@berth/contract/routes';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller } from './caller.ts';

type Routes = typeof routes;
type Part<N extends RouteName, P extends string> =
  Routes[N] extends Record<P, z.ZodType> ? z.output<Routes[N][P]> : undefined;

/** A request that was identified, parsed and found good. */
export interface Call<Query = unknown, Body = unknown> {
  request: Request;
  response: Response;
  caller: Caller;
  /** throws once the caller may not call this any more: who signs out, or loses a role or a site, while an answer goes on */
  stillMay(): Promise<void>;
  requestId: string;
  idempotencyKey: string;
  params: Record<string, string>;
  query: Query;
  body: Body;
}

/** A handler for each route of the contract. @returns the answer, or nothing when it has answered by itself */
export type Handlers = {
  [N in RouteName]: (
    call: Call<Part<N, 'query'>, Part<N, 'body'>>,
  ) => Promise<z.input<Routes[N]['answer']> | undefined>;
};

/** Any of them, for the one place that calls all: what it gives them was parsed by their own route's schemas. */
export type AnyHandler = (call: Call) => Promise<unknown>;
