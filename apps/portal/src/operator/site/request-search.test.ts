import { describe, expect, test } from 'vitest';
import { checkRequestSearch, toRequestQuery } from './request-search.ts';

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
});
