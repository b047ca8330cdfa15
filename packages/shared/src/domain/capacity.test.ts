import { describe, expect, test } from 'vitest';
import { parseHostMemory, parseLabels } from './capacity.ts';

describe('parseHostMemory', () => {
  test.each([
    ['256m', 268_435_456],
    ['60g', 60 * 1024 ** 3],
    ['2T', 2 * 1024 ** 4],
  ])('takes %s', (text, bytes) => {
    expect(parseHostMemory(text)).toEqual({ ok: true, value: bytes });
  });

  test.each(['60', '60gb', '1.5g', '-1g', '255m', '65t', ''])('refuses %j', (text) => {
    expect(parseHostMemory(text).ok).toBe(false);
  });
});

describe('parseLabels', () => {
  test('takes pairs, with spaces between them', () => {
    expect(parseLabels('region=eu, rack=7,example.org/disk=,zone=a-1')).toEqual({
      ok: true,
      value: { region: 'eu', rack: '7', 'example.org/disk': '', zone: 'a-1' },
    });
  });

  test.each(['region', '=eu', 'region=eu,', 'Region=eu', 'a=b=c', 'a=ü', `${'a'.repeat(64)}=b`])(
    'refuses %j',
    (text) => {
      expect(parseLabels(text).ok).toBe(false);
    },
  );

  test('refuses a name that is there twice, and more than 32', () => {
    expect(parseLabels('a=1,a=2')).toEqual({ ok: false, problem: 'names a twice' });
    expect(parseLabels(Array.from({ length: 33 }, (_, n) => `a${n}=1`).join(',')).ok).toBe(false);
  });
});
