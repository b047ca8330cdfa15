import { describe, expect, test } from 'vitest';
import { parseDemoArguments } from './arguments.ts';

const nothing = { once: false, fresh: false, real: false, json: false, help: false };

describe('parseDemoArguments', () => {
  test('posts three orders and stays when nothing is said', () => {
    expect(parseDemoArguments([])).toEqual({ ...nothing, orders: 3, timeoutMs: 63_000 });
  });

  test('takes all options', () => {
    const args = ['--once', '--fresh', '--real', '--json', '--help', '--orders', '20', '--timeout=5'];
    const all = { once: true, fresh: true, real: true, json: true, help: true, orders: 20, timeoutMs: 5000 };
    expect(parseDemoArguments(args)).toEqual(all);
  });

  test('gives more orders more time', () => {
    expect(parseDemoArguments(['--orders', '900']).timeoutMs).toBe(960_000);
  });

  test.each([
    [['--orders', '0']],
    [['--orders', 'x']],
    [['--orders', '901']],
    [['--orders', '']],
    [['--timeout', '0']],
    [['--unknown']],
    [['surplus']],
  ])('refuses %j', (args) => {
    expect(() => parseDemoArguments(args)).toThrow();
  });
});
