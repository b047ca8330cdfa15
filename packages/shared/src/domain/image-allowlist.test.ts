import { describe, expect, test } from 'vitest';
import { isImageAllowed, parseImageAllowlist } from './image-allowlist.ts';

const list = (text: string) => {
  const read = parseImageAllowlist(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value;
};

describe('isImageAllowed', () => {
  test.each([
    ['', 'anything.example/at/all:1', true],
    ['docker.io', 'nginx', true],
    ['docker.io', 'acme/site:1', true],
    ['docker.io', 'evil.example.com/docker.io/library/nginx', false],
    ['docker.io', 'docker.io.evil.example/nginx', false],
    ['docker.io', 'docker.io:5000/nginx', false],
    ['ghcr.io/*', 'ghcr.io/acme/site', true],
    ['nginx', 'docker.io/library/nginx:1.27', true],
    ['nginx', 'nginx-evil', false],
    ['nginx', 'library/nginx/more', false],
    ['nginx', 'ghcr.io/library/nginx', false],
    ['acme/*', 'acme/site', true],
    ['acme/*', 'docker.io/acme/site@sha256:0', true],
    ['acme/*', 'acme-evil/site', false],
    ['acme/*', 'evil/acme/site', false],
    ['docker.io/acme/*', 'acme/site', true],
    ['docker.io/acme/*', 'nginx', false],
    ['library/*', 'nginx', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/team/site', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme', false],
    ['ghcr.io/acme/*', 'ghcr.io/acmeevil/site', false],
    ['ghcr.io/acme/site', 'GHCR.io/acme/site:1', true],
    ['ghcr.io/acme/site', 'ghcr.io/acme/site2', false],
    ['localhost', 'localhost/site', true],
    ['localhost:5000/*', 'localhost:5000/site', true],
    ['localhost:5000/*', 'localhost:5001/site', false],
    ['registry.example.org:5000', 'registry.example.org:5000/site', true],
    ['registry:5000/team/*', 'registry:5000/team/site', true],
    ['ghcr.io/acme/site, nginx', 'nginx', true],
  ])('by %j takes %s: %s', (text, reference, allowed) => {
    expect(isImageAllowed(list(text), reference)).toBe(allowed);
  });
});

describe('parseImageAllowlist', () => {
  test.each([
    'https://ghcr.io',
    'nginx:1',
    'localhost:5000',
    'ghcr.io/acme:1/*',
    '/*',
    'ghcr.io/acme/',
    'a b',
    '*',
    '*/site',
    'ghcr.io/ac*',
    'UPPER/site',
    'site@sha256:0',
  ])('refuses %j and names it', (text) => {
    expect(parseImageAllowlist(`nginx,${text}`)).toMatchObject({ ok: false, problem: expect.stringContaining(text) });
  });
});
