import { describe, expect, test } from 'vitest';
import { hashOfApiKey, makeApiKey } from './api-key.ts';
import { systemChance } from './chance.ts';

describe('makeApiKey', () => {
  test('makes keys that differ, each known by its hash', () => {
    const keys = Array.from({ length: 100 }, () => makeApiKey(systemChance));
    expect(new Set(keys.map(({ key }) => key)).size).toBe(100);
    for (const { key, prefix, hash } of keys) {
      expect(key).toMatch(/^berth_[0-9A-Za-z]{40}$/);
      expect(key.startsWith(prefix)).toBe(true);
      expect(hash).toBe(hashOfApiKey(key));
    }
  });

  test('takes no letter more often than another', () => {
    const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, index) => 255 - index));
    expect(makeApiKey({ ...systemChance, bytes }).key).toMatch(/^berth_zyxw/);
  });
});
