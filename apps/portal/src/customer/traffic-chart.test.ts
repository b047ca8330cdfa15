import type { SiteTraffic } from '@berth/contract/traffic';
import { describe, expect, test } from 'vitest';
import { daysOf } from './traffic-chart.tsx';

const traffic = {
  from: '2026-03-01T00:00:00.000Z',
  to: '2026-03-03T10:00:00.000Z',
  totals: { visitors: 7 },
  data: [{ at: '2026-03-02T00:00:00.000Z', requests: 20, visitors: 7 }],
} as SiteTraffic;

describe('daysOf', () => {
  test('has every day, also those of which nothing is known', () => {
    expect(daysOf(traffic).map(({ count }) => count)).toEqual([0, 7, 0]);
  });

  test("shows requests where the plan doesn't count visitors", () => {
    expect(daysOf({ ...traffic, totals: { ...traffic.totals, visitors: null } })[1]?.count).toBe(20);
  });
});
