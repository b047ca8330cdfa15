import { describe, expect, test } from 'vitest';
import { judgeDelegation } from './delegation.ts';

const expected = ['ada.ns.cloudflare.com', 'finn.ns.cloudflare.com'];
const judge = (found: string[], registered: boolean | undefined = true) =>
  judgeDelegation({ registered, found, expected });

describe('judgeDelegation', () => {
  test('takes the same names in another order and spelling for set', () => {
    expect(judge(['FINN.ns.cloudflare.com.', 'ada.ns.cloudflare.com'])).toBe('set');
  });

  test.each([
    [['ada.ns.cloudflare.com']],
    [['ada.ns.cloudflare.com', 'ns1.alt.example']],
    [[...expected, 'ns1.alt.example']],
  ])('takes %j for partly set', (found) => {
    expect(judge(found)).toBe('partly-set');
  });

  test.each([[[]], [['ns1.alt.example']], [['evil-ada.ns.cloudflare.com']]])('takes %j for not set', (found) => {
    expect(judge(found)).toBe('not-set');
  });

  test('tells what is not registered and what nobody could say apart', () => {
    expect(judge([], false)).toBe('not-registered');
    expect(judgeDelegation({ registered: undefined, found: [], expected })).toBe('unknown');
  });

  test('says nothing about names that are not told yet', () => {
    expect(judgeDelegation({ registered: true, found: ['ns1.alt.example'], expected: [] })).toBe('withheld');
  });
});
