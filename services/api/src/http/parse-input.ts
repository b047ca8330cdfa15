import { BerthError, type FieldProblem } from '@berth/shared/errors/berth-error';
import { pointerTo } from '@berth/shared/errors/pointer-to';
import type { z } from 'zod';
import { sayIssue } from './say-issue.ts';

/** What came in, as the schema reads it. @throws BerthError `request.invalid`, with a pointer to each field that is wrong */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, where: '#' | '#query'): z.output<T> {
  const result = schema.safeParse(value, { error: sayIssue });
  const fields = [...(result.success ? [] : problemsOf(result.error, where)), ...unfitParts(value, where)];
  if (result.success && fields.length === 0) return result.data;
  const count = fields.length === 1 ? '1 field is' : `${fields.length} fields are`;
  throw new BerthError('request.invalid', `${count} not valid`, { fields });
}

function problemsOf(error: z.ZodError, where: string): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(where, issue.path), detail: issue.message }];
    return issue.keys.map((key) => ({
      pointer: pointerTo(where, [...issue.path, key]),
      detail: 'is not a known field',
    }));
  });
}

/**
 * What no schema asks about: Postgres stores no text with a NUL, and a key `__proto__` is dropped by whoever copies an object. Walked
 * without recursion, since 64 kB can be nested 32,000 deep.
 */
function unfitParts(value: unknown, where: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value, path: [] }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value: part, path } = next;
    if (typeof part === 'string' && part.includes('\0')) {
      problems.push({ pointer: pointerTo(where, path), detail: 'must not contain a NUL character' });
    }
    if (typeof part !== 'object' || part === null || path.length > MAX_DEPTH) continue;
    for (const [key, inner] of Object.entries(part)) {
      if (key === '__proto__' || key.includes('\0')) {
        problems.push({ pointer: pointerTo(where, [...path, key]), detail: 'is not a known field' });
      } else open.push({ value: inner, path: [...path, key] });
    }
  }
  return problems;
}

/** Deeper than anything that a schema takes. */
const MAX_DEPTH = 8;
