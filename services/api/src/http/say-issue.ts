import type { z } from 'zod';

const FORMATS: Readonly<Record<string, string>> = {
  email: 'must be an e-mail address such as anna@example.org',
  datetime: 'must be a moment such as 2026-11-26T08:00:00Z',
  url: 'must be an address such as https://example.org',
  uuid: 'must be an id such as 019aa0b0-0000-7000-8000-000000000000',
};
const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

/** What a field must be, for one that isn't; undefined where the library's own words have to do. What a schema says of itself goes before. */
export function sayIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : mustBe(KINDS[issue.expected]);
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : mustBe(`one of ${issue.values.map(String).join(', ')}`);
    case 'invalid_format':
      return FORMATS[issue.format];
    case 'too_small':
      return sayBound('at least', issue.origin, { bound: issue.minimum, isWithin: issue.inclusive });
    case 'too_big':
      return sayBound('at most', issue.origin, { bound: issue.maximum, isWithin: issue.inclusive });
    default:
      return;
  }
}

const mustBe = (what: string | undefined) => what && `must be ${what}`;

const PARTS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function sayBound(
  which: 'at least' | 'at most',
  origin: string,
  { bound, isWithin = true }: { bound: number | bigint; isWithin: boolean | undefined },
): string | undefined {
  if (!isWithin) return;
  if (origin === 'number' || origin === 'int') return `must be ${which} ${bound}`;
  const parts = PARTS[origin];
  if (!parts) return;
  if (which === 'at least' && Number(bound) === 1) return 'must not be empty';
  return `must have ${which} ${bound} ${parts[Number(bound) === 1 ? 0 : 1]}`;
}
