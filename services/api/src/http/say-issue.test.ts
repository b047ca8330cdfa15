import { isBerthError } from '@berth/shared/errors/berth-error';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from './parse-input.ts';

const schema = z.strictObject({
  name: z.string().min(1).max(3).optional(),
  email: z.email().optional(),
  at: z.iso.datetime().optional(),
  hours: z.int().min(1).max(24).optional(),
  target: z.enum(['container', 'tunnel']).optional(),
  lines: z.array(z.string()).min(2).max(3).optional(),
  own: z.string().regex(/^a/, 'must begin with a').optional(),
});

function detailOf(input: unknown, of: z.ZodType = schema): string | undefined {
  try {
    parseInput(of, input, '#');
  } catch (error) {
    if (isBerthError(error)) return error.fields[0]?.detail;
    throw error;
  }
  return;
}

describe('a field that is not valid', () => {
  test.each([
    [{ name: '' }, 'must not be empty'],
    [{ name: 'four' }, 'must have at most 3 characters'],
    [{ name: 7 }, 'must be text'],
    [{ email: 'anna' }, 'must be an e-mail address such as anna@example.org'],
    [{ at: 'yesterday' }, 'must be a moment such as 2026-11-26T08:00:00Z'],
    [{ hours: 0 }, 'must be at least 1'],
    [{ hours: 25 }, 'must be at most 24'],
    [{ hours: 1.5 }, 'must be a whole number'],
    [{ hours: 'ten' }, 'must be a number'],
    [{ target: 'door' }, 'must be one of container, tunnel'],
    [{ lines: ['one'] }, 'must have at least 2 entries'],
    [{ lines: 'one' }, 'must be a list'],
    [{ nmae: 'Anna' }, 'is not a known field'],
    [{ own: 'b' }, 'must begin with a'],
  ])('is said what it must be: %j', (input, detail) => {
    expect(detailOf(input)).toBe(detail);
  });

  test('is required where it is missing, and must be a number where a query has none', () => {
    expect(detailOf({}, z.object({ name: z.string() }))).toBe('is required');
    expect(detailOf({}, z.object({ target: z.enum(['container']) }))).toBe('is required');
    expect(detailOf({ limit: 'abc' }, z.object({ limit: z.coerce.number() }))).toBe('must be a number');
  });
});
