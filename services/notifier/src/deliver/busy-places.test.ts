import { describe, expect, test } from 'vitest';
import { makeBusyPlaces } from './busy-places.ts';

describe('busy places', () => {
  test('are full with as many messages as they take at once', () => {
    const busy = makeBusyPlaces(() => 0);
    busy.begin('webhook a', 2);
    expect(busy.full()).toEqual([]);
    expect(busy.left()).toEqual({ 'webhook a': 1 });
    busy.begin('webhook a', 2);
    busy.begin('slack b', 1);
    expect(busy.full()).toEqual(['webhook a', 'slack b']);
    expect(busy.left()).toEqual({});
    busy.end('webhook a', 0);
    expect(busy.full()).toEqual(['slack b']);
  });

  test('rest as long as they ask for', () => {
    let nowMs = 0;
    const busy = makeBusyPlaces(() => nowMs);
    busy.begin('slack b', 1);
    busy.end('slack b', 1000);
    expect(busy.full()).toEqual(['slack b']);
    nowMs = 1000;
    expect(busy.full()).toEqual([]);
  });
});
