import { describe, expect, test } from 'vitest';
import { hoursBetween, withQuietHours } from './traffic.ts';

const at = (text: string) => Date.parse(text);

describe('hoursBetween', () => {
  test('gives whole hours, the one that has begun too', () => {
    expect(hoursBetween(at('2026-11-25T10:59:00Z'), at('2026-11-25T12:00:01Z'))).toEqual([
      '2026-11-25T10:00:00.000Z',
      '2026-11-25T11:00:00.000Z',
      '2026-11-25T12:00:00.000Z',
    ]);
  });
});

describe('withQuietHours', () => {
  const hours = ['2026-11-25T10:00:00.000Z', '2026-11-25T11:00:00.000Z'];

  test('says nought of an hour in which nobody came, and nothing of what the plan does not give', () => {
    const [quiet] = withQuietHours([], hours, 'all');
    expect(quiet).toMatchObject({ requests: 0, visitors: 0, countries: {} });
    const [basic] = withQuietHours([], hours, 'basic');
    expect(basic).toMatchObject({ requests: 0, bytes: 0, visitors: null, statuses: null });
  });
});
