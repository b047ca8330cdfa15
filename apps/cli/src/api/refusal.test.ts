import { describe, expect, test } from 'vitest';
import { toFailure } from './refusal.ts';

describe('toFailure', () => {
  test.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'notFound'],
    [409, 'conflict'],
    [400, 'refused'],
    [422, 'refused'],
    [429, 'passing'],
    [502, 'passing'],
  ])('says of HTTP %i: %s', (status, ending) => {
    expect(toFailure('asking', status, {}).ending).toBe(ending);
  });

  test('names fields as they stand on the command line', () => {
    const { why } = toFailure('ordering', 422, {
      title: 'The request is not valid',
      detail: '2 fields are not valid',
      errors: [
        { pointer: '#/port', detail: 'must be a whole number from 3000 to 3999' },
        { pointer: '#/env/DELQHI_X', detail: 'is set by Berth' },
      ],
    }).parts;
    expect(why).toEqual(['the port must be a whole number from 3000 to 3999', '--env DELQHI_X is set by Berth']);
  });

  test('says what to do where the problem does not', () => {
    expect(toFailure('deploying', 422, { code: 'license.required', detail: 'x' }).parts.fix).toContain('LICENSE_KEY');
  });
});
