import { describe, expect, test } from 'vitest';
import { parseRunArguments } from './parse-arguments.ts';
import { parseDuration } from './read-configuration.ts';

describe('parseRunArguments', () => {
  test('reads flags in front of run and behind it', () => {
    const words = [
      'tunnel',
      '--no-autoupdate',
      '--config',
      '/c.yml',
      '--metrics=127.0.0.1:1',
      'run',
      '--credentials-file',
      '/j',
      'name',
    ];
    expect(parseRunArguments(words)).toEqual({
      config: '/c.yml',
      credentialsFile: '/j',
      metrics: '127.0.0.1:1',
      gracePeriod: undefined,
      tunnel: 'name',
    });
  });

  test.each([
    [['tunnel', 'run', '--config', '/c.yml'], 'flag provided but not defined: -config'],
    [['tunnel', '--nonsense', 'run'], 'flag provided but not defined: -nonsense'],
    [['tunnel', '--config'], 'flag needs an argument'],
    [['access'], 'No help topic'],
    [['tunnel', '--config', '/c.yml'], 'command run'],
  ])('refuses %j', (words, message) => {
    expect(() => parseRunArguments(words)).toThrow(message);
  });
});

describe('parseDuration', () => {
  test('reads durations of Go up to three minutes', () => {
    expect([parseDuration('30s'), parseDuration('1m30s'), parseDuration('500ms')]).toEqual([30_000, 90_000, 500]);
    expect(() => parseDuration('4m')).toThrow('3m0s');
    expect(() => parseDuration('soon')).toThrow('invalid duration');
  });
});
