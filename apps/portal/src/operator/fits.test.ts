import type { SiteSummary } from '@berth/contract/site';
import { describe, expect, test } from 'vitest';
import { fits } from './fits.ts';
import { checkSitesSearch } from './searches.ts';

const site = {
  key: 'customer_123',
  orderId: 'A-77',
  customer: 'customer_123',
  domain: 'mustermann.de',
  state: 'online',
  environment: 'production',
} as SiteSummary;

describe('fits', () => {
  test('finds by domain, key, customer and order, in whatever case', () => {
    for (const q of ['MUSTER', '_123', 'a-77', 'muster a-77']) expect(fits(site, { q })).toBe(true);
    expect(fits(site, { q: 'muster b-77' })).toBe(false);
  });

  test('leaves out other states and environments', () => {
    expect(fits(site, { state: 'waiting' })).toBe(false);
    expect(fits(site, { environment: 'staging' })).toBe(false);
    expect(fits({ ...site, domain: null, orderId: null }, {})).toBe(true);
  });
});

describe('checkSitesSearch', () => {
  test('keeps what is ours and leaves out the rest', () => {
    expect(checkSitesSearch({ q: 1001, state: 'online', environment: 'mars', gone: 'yes', x: 1 })).toEqual({
      q: '1001',
      state: 'online',
    });
  });
});
