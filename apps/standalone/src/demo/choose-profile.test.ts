import { describe, expect, test } from 'vitest';
import { chooseProfile } from './choose-profile.ts';

describe('chooseProfile', () => {
  test.each([1, 3, 25])("takes Cloudflare's own limits for %i orders", (orders) => {
    expect(chooseProfile(orders).name).toBe('ordinary');
  });

  test.each([26, 900])('takes larger ones for %i orders, and says why', (orders) => {
    expect(chooseProfile(orders)).toEqual({ name: 'enterprise', meaning: expect.stringContaining(`not ${orders}`) });
  });
});
