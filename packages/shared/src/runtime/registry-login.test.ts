import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openRegistryLogin, sealRegistryLogin } from './registry-login.ts';
import { Secret } from './secret.ts';
import { makeVault } from './vault.ts';

const vault = makeVault(new Secret(randomBytes(32).toString('base64')));
const login = { registry: 'ghcr.io', username: 'berth', password: new Secret('pass-word') };

describe('a sealed login', () => {
  test('opens for its registry, and shows its password to nobody who prints it', () => {
    const opened = openRegistryLogin(vault, 'ghcr.io', sealRegistryLogin(vault, login));
    expect([opened.username, opened.password.reveal()]).toEqual(['berth', 'pass-word']);
    expect(JSON.stringify(opened) + inspect(opened)).not.toContain('pass-word');
  });

  test('does not open for another registry, whose owner would get the password', () => {
    expect(() => openRegistryLogin(vault, 'evil.example', sealRegistryLogin(vault, login))).toThrow('another registry');
  });
});
