import { ApiError } from './api-error.ts';
import type { Answer } from './call.ts';

/** One page of a list, as `page` and `per_page` ask for it; a page past the end is empty. @throws ApiError beyond the bounds */
export function toPage<T>(
  all: readonly T[],
  query: URLSearchParams,
  bounds: { min: number; max: number; usual: number },
  show: (one: T) => unknown,
): Answer {
  const page = wholeNumber(query, 'page', 1, 1, 1_000_000);
  const perPage = wholeNumber(query, 'per_page', bounds.usual, bounds.min, bounds.max);
  const part = all.slice((page - 1) * perPage, page * perPage);
  return {
    result: part.map(show),
    info: {
      page,
      per_page: perPage,
      count: part.length,
      total_count: all.length,
      total_pages: Math.ceil(all.length / perPage),
    },
  };
}

function wholeNumber(query: URLSearchParams, name: string, usual: number, min: number, max: number): number {
  const text = query.get(name);
  if (text === null) return usual;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new ApiError(400, 1001, `Invalid value for ${name}: must be from ${min} to ${max}`);
  }
  return value;
}
