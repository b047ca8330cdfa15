import { describe, expect, test } from 'vitest';
import { parseCpus, parseMemory, problemsOfEnv } from './resources.ts';

describe('parseMemory', () => {
  test.each([
    ['512m', 536_870_912],
    ['1G', 1_073_741_824],
    ['65536k', 67_108_864],
  ])('takes %j', (text, value) => {
    expect(parseMemory(text)).toEqual({ ok: true, value });
  });

  test.each(['', '512', 'm', '-1m', '1m', '65g', '1e3m', '512mb'])('refuses %j', (text) => {
    expect(parseMemory(text).ok).toBe(false);
  });
});

describe('parseCpus', () => {
  test.each([
    ['0.5', 0.5],
    ['2', 2],
  ])('takes %j', (text, value) => {
    expect(parseCpus(text)).toEqual({ ok: true, value });
  });

  test.each(['', '0', '-1', '.5', '65', '1e1', '0.5 '])('refuses %j', (text) => {
    expect(parseCpus(text).ok).toBe(false);
  });
});

describe('problemsOfEnv', () => {
  test('takes what a shell would take', () => {
    expect(problemsOfEnv({ LANG: 'de', _x1: '' })).toEqual([]);
  });

  test.each(['1A', 'A-B', 'A=B', '', 'DELQHI_LICENSE_KEY', 'PORT'])('refuses the name %j', (name) => {
    expect(problemsOfEnv({ [name]: 'x' })).toHaveLength(1);
  });

  test('refuses more than 32 kB in all', () => {
    expect(problemsOfEnv({ A: 'x'.repeat(40_000) })).toHaveLength(1);
  });
});
