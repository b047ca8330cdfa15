import { BerthError } from '@berth/shared/errors/berth-error';
import type { z } from 'zod';

/** What came in, as the schema reads it. @throws BerthError `request.invalid`, with a pointer to each field that is wrong */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, where: '#' | '#query'): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => {
    const base = pointerTo(where, issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ pointer: base, detail: issue.message }];
    return issue.keys.map((key) => ({
      pointer: pointerTo(where, [...issue.path, key]),
      detail: 'is not a known field',
    }));
  });
  throw new BerthError('request.invalid', `${fields.length} field${fields.length === 1 ? ' is' : 's are'} not valid`, {
    fields,
  });
}

/** RFC 6901, with a leading `#`. */
export function pointerTo(where: string, path: readonly PropertyKey[]): string {
  return [where, ...path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
