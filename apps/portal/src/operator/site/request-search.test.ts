import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkRequestSearch, fromField, toField, toRequestQuery } from './request-search.ts';

afterEach(() => vi.unstubAllEnvs());

describe('the filters of requests', () => {
  test('are read from an address, without what is none', () => {
    expect(checkRequestSearch({ path: '/a', status: 404, country: '', sort: 'at' })).toEqual({
      path: '/a',
      status: '404',
    });
  });

  test('are asked for in UTC, and with capital letters', () => {
    expect(toRequestQuery({ from: '2026-11-26T08:00', to: '2026-11-26T10:00:00+01:00', country: 'de' })).toEqual({
      from: '2026-11-26T08:00:00.000Z',
      to: '2026-11-26T09:00:00.000Z',
      country: 'DE',
    });
    expect(toRequestQuery({ from: 'soon' })).toEqual({ from: 'soon' });
  });

  test('are typed by the clock of the device, and stand in the address in UTC', () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    expect(fromField('2026-11-26T09:00')).toBe('2026-11-26T08:00:00.000Z');
    expect(toField('2026-11-26T08:00:00.000Z')).toBe('2026-11-26T09:00');
    expect(toField('2026-07-01T22:30')).toBe('2026-07-02T00:30');
    expect([toField('soon'), fromField('soon')]).toEqual(['soon', 'soon']);
  });
});
