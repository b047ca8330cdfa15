import { describe, expect, test } from 'vitest';
import { aspectNames, aspects, dependentsOf, placementAspects, queueOf, siteAspects, waitsOf } from './aspects.ts';

describe('the table of aspects', () => {
  test.each(['running', 'deleted'] as const)('has no circle of waits when %s is wanted', (wanted) => {
    const done = new Set<string>();
    for (let round = 0; round < aspectNames.length; round += 1) {
      for (const name of aspectNames) if (waitsOf(name, wanted).every((other) => done.has(other))) done.add(name);
    }
    expect([...done].sort()).toEqual([...aspectNames].sort());
  });

  test('wakes exactly those who wait, in the direction that the site goes', () => {
    expect(dependentsOf('container', 'up')).toEqual(['route']);
    expect(dependentsOf('container', 'down')).toEqual(['zone', 'placement']);
    for (const name of aspectNames) {
      for (const other of dependentsOf(name, 'up')) expect(waitsOf(other, 'running')).toContain(name);
      for (const other of dependentsOf(name, 'down')) expect(waitsOf(other, 'deleted')).toContain(name);
    }
  });

  test('divides the aspects between site and placement', () => {
    expect([...siteAspects, ...placementAspects].sort()).toEqual([...aspectNames].sort());
    expect(placementAspects).toEqual(['container', 'connector']);
  });

  test('names one queue per host for what hangs on a placement', () => {
    expect(queueOf('container', 'h1')).toBe('container-h1');
    expect(queueOf('zone')).toBe('domain');
    expect(() => queueOf('connector')).toThrow('per host');
    expect(Object.values(aspects).filter((rule) => rule.perHost)).toHaveLength(2);
  });
});
