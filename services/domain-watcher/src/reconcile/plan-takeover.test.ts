import type { Takeover } from '@berth/shared/store/zone-takeovers';
import { describe, expect, test } from 'vitest';
import { planTakeover } from './plan-takeover.ts';

const begun: Takeover = {
  scanAgeMs: null,
  found: null,
  ended: false,
  mail: null,
  dsRememberedMs: 0,
  unansweredMs: 0,
  mailUnansweredMs: 0,
};
const plan = (more: Partial<Takeover>) => planTakeover({ ...begun, ...more }, 60_000);
const mx = { type: 'MX', name: 'a.example', content: 'mx.example', ttl: 1, priority: 1 };

describe('planTakeover', () => {
  test('scans first', () => {
    expect(plan({})).toEqual({ kind: 'scan' });
  });

  test('gives the scan half of its time before it looks, and the rest when nothing was there', () => {
    expect(plan({ scanAgeMs: 10_000 })).toEqual({ kind: 'wait', ms: 20_000 });
    expect(plan({ scanAgeMs: 30_000 })).toEqual({ kind: 'look', last: false, againMs: 30_000 });
    expect(plan({ scanAgeMs: 60_001 })).toEqual({ kind: 'look', last: true, againMs: 0 });
  });

  test('looks once, at once, when no time is given', () => {
    expect(planTakeover({ ...begun, scanAgeMs: 0 }, 0)).toEqual({ kind: 'look', last: true, againMs: 0 });
  });

  test('puts into the zone what was found, however old the scan is', () => {
    expect(plan({ scanAgeMs: 1, found: [mx] })).toEqual({ kind: 'accept', records: [mx] });
  });

  test('asks the parent once all is in the zone', () => {
    expect(plan({ scanAgeMs: 1, found: [mx], ended: true })).toEqual({ kind: 'ask' });
  });
});
