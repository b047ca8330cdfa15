import { describe, expect, test } from 'vitest';
import { isOwnPath } from './own-path.ts';

describe('isOwnPath', () => {
  test.each(['/', '/my/erika/domain', '/ops/sites?search=a%2Fb', '/ops?next=//evil.example'])('takes %j', (path) => {
    expect(isOwnPath(path)).toBe(true);
  });

  test.each([
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\\evil.example',
    '\t//evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    'ops',
    '',
    undefined,
    7,
  ])('refuses %j', (value) => {
    expect(isOwnPath(value)).toBe(false);
  });
});
