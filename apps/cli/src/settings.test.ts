import { describe, expect, test } from 'vitest';
import { readApiSettings, readSecret } from './settings.ts';

describe('readApiSettings', () => {
  test('takes the address without a slash at its end, and one of this machine where none is given', () => {
    const key = { BERTH_API_KEY: 'k' };
    expect(readApiSettings(key)).toEqual({ url: 'http://127.0.0.1:8080', key: 'k' });
    expect(readApiSettings({ ...key, BERTH_API_URL: 'https://berth.example.org/' }).url).toBe(
      'https://berth.example.org',
    );
  });

  test.each([
    [{}, 'BERTH_API_KEY is missing'],
    [{ BERTH_API_KEY: 'k', BERTH_API_URL: 'berth.example.org' }, 'BERTH_API_URL is no address'],
    [{ BERTH_API_KEY: 'k', BERTH_API_URL: 'file:///etc/passwd' }, 'BERTH_API_URL is no address'],
    [{ BERTH_API_KEY: 'k', BERTH_API_KEY_FILE: '/k' }, 'are both set'],
    [{ BERTH_API_KEY_FILE: '/nowhere/k' }, 'BERTH_API_KEY_FILE cannot be read'],
  ])('refuses %j: %s', (environment, what) => {
    expect(() => readApiSettings(environment)).toThrow(what);
  });
});

describe('readSecret', () => {
  test('takes an empty variable for none', () => {
    expect(readSecret({ LICENSE_KEY: '' }, 'LICENSE_KEY')).toBeUndefined();
  });
});
