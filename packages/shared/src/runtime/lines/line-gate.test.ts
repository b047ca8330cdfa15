import { describe, expect, test } from 'vitest';
import { LineGate } from './line-gate.ts';

describe('LineGate', () => {
  test('lets a burst through, and then so much a second', () => {
    const gate = new LineGate({ burstBytes: 100, bytesPerSecond: 10 }, 0);
    expect([gate.take(60, 0), gate.take(60, 0), gate.take(40, 0), gate.take(1, 0)]).toEqual([true, false, true, false]);
    expect(gate.takeLeftOut()).toBe(2);
    expect([gate.take(11, 1000), gate.take(10, 1000)]).toEqual([false, true]);
    expect(gate.take(100, 3_600_000)).toBe(true);
    expect([gate.takeLeftOut(), gate.takeLeftOut()]).toEqual([1, 0]);
  });
});
