import type { Account } from './account.ts';
import type { QueryRule } from './check-query.ts';
import type { Permission } from './permissions.ts';

/** One request, as a route gets it. */
export interface Call {
  account: Account;
  /** the parts of the path that the route names */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** What a list says of itself. */
export interface ResultInfo {
  page: number;
  per_page: number;
  count: number;
  total_count: number;
  total_pages: number;
}

/** What a route answers. */
export interface Answer {
  /** 200 when absent */
  status?: number;
  result: unknown;
  info?: ResultInfo;
  messages?: readonly { code: number; message: string; type: null }[];
  /** the whole body, for what doesn't answer in the usual envelope */
  bare?: unknown;
}

/** One endpoint. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `:name` stands for one part */
  path: string;
  needs?: Permission;
  /** query parameters that it takes; any other is refused */
  query?: Readonly<Record<string, QueryRule>>;
  /** body fields that it takes; any other is refused. Absent: it checks them itself */
  fields?: readonly string[];
  handle(call: Call): Answer;
}
