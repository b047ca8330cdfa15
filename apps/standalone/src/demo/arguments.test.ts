import { describe, expect, test } from 'vitest';
import { parseDemoArguments } from './arguments.ts';

describe('parseDemoArguments', () => {
  test('posts three orders and stays when nothing is said', () => {
    expect(parseDemoArguments([])).toEqual({ once: false, fresh: false, json: false, orders: 3 });
  });

  test('takes all options', () => {
    expect(parseDemoArguments(['--once', '--fresh', '--json', '--orders', '20'])).toEqual({
      once: true,
      fresh: true,
      json: true,
      orders: 20,
    });
  });

  test.each([[['--orders', '0']], [['--orders', 'x']], [['--orders', '901']], [['--unknown']], [['surplus']]])(
    'refuses %j',
    (args) => {
      expect(() => parseDemoArguments(args)).toThrow();
    },
  );
});
