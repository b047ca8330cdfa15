import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isBerthError } from '../errors/berth-error.ts';
import { Secret } from './secret.ts';
import { makeVault } from './vault.ts';

const newKey = () => randomBytes(32).toString('base64');

describe('makeVault', () => {
  test('knows what was sealed with one of its keys', () => {
    const [former, next, other] = [newKey(), newKey(), newKey()];
    const sealed = makeVault(new Secret(former)).encrypt('text');
    expect(makeVault(new Secret(`${next},${former}`)).knows(sealed)).toBe(true);
    expect(makeVault(new Secret(other)).knows(sealed)).toBe(false);
  });

  test('gives back what it sealed, and never the same seal twice', () => {
    const vault = makeVault(new Secret(newKey()));
    const sealed = vault.encrypt('Ümlaut-0815');
    expect(vault.decrypt(sealed).reveal()).toBe('Ümlaut-0815');
    expect(vault.encrypt('Ümlaut-0815')).not.toBe(sealed);
    expect(sealed).not.toContain('0815');
  });

  test('reads what a former key sealed while it is still given', () => {
    const [former, next] = [newKey(), newKey()];
    const sealed = makeVault(new Secret(former)).encrypt('x');
    expect(
      makeVault(new Secret(`${next},${former}`))
        .decrypt(sealed)
        .reveal(),
    ).toBe('x');
  });

  test.each([
    ['another key', (sealed: string) => sealed],
    ['a changed text', (sealed: string) => `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BA' : 'AA'}`],
    ['no seal at all', () => 'hello'],
  ])('refuses %s', (what, change) => {
    const key = newKey();
    const sealed = change(makeVault(new Secret(key)).encrypt('text to be kept'));
    const reader = makeVault(new Secret(what === 'another key' ? newKey() : key));
    expect(() => reader.decrypt(sealed)).toThrow();
    try {
      reader.decrypt(sealed);
    } catch (error) {
      expect(isBerthError(error, 'secrets.unreadable')).toBe(true);
    }
  });

  test('takes keys of 32 bytes only', () => {
    expect(() => makeVault(new Secret('c2hvcnQ='))).toThrow('32 bytes');
  });
});

describe('Secret', () => {
  test('prints itself as [redacted] everywhere', () => {
    const secret = new Secret('hunter2');
    const seen = [String(secret), JSON.stringify({ secret }), inspect({ secret }), `${secret}`];
    expect(seen.join()).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
