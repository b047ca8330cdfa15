import type { RouteName, routes } from '@berth/contract/routes';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Caller } from './caller.ts';
import type { OpenStream } from './open-streams.ts';

type Routes = typeof routes;
type Part<N extends RouteName, P extends string> =
  Routes[N] extends Record<P, z.ZodType> ? z.output<Routes[N][P]> : undefined;

/** A request that was identified, parsed and found good. */
export interface Call<Query = unknown, Body = unknown> {
  request: Request;
  response: Response;
  caller: Caller;
  /** for an answer that goes on: it ends for who signs out, or loses a role or a site. @throws BerthError `stream.too-many` */
  openStream(): OpenStream;
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
