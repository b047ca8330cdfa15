import { describe, expect, test } from 'vitest';
import { isSameImageName, parseRegistry, readImageName, repositoryOf } from './image-name.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('readImageName', () => {
  test.each([
    ['nginx', 'docker.io', 'library/nginx', undefined],
    ['nginx:1.27', 'docker.io', 'library/nginx', '1.27'],
    ['acme/site:1', 'docker.io', 'acme/site', '1'],
    ['docker.io/nginx', 'docker.io', 'library/nginx', undefined],
    ['index.docker.io/acme/site', 'docker.io', 'acme/site', undefined],
    ['GHCR.io/acme/site:1', 'ghcr.io', 'acme/site', '1'],
    ['localhost/site:1', 'localhost', 'site', '1'],
    ['localhost:5000/site', 'localhost:5000', 'site', undefined],
    ['[::1]:5000/site:2', '[::1]:5000', 'site', '2'],
    ['evil.example.com/docker.io/library/nginx:1', 'evil.example.com', 'docker.io/library/nginx', '1'],
    ['docker.io.evil.example/nginx', 'docker.io.evil.example', 'nginx', undefined],
  ])('splits %s', (reference, registry, repository, tag) => {
    expect(readImageName(reference)).toEqual({ registry, repository, tag, digest: undefined });
  });

  test('keeps a digest apart from the tag beside it', () => {
    expect(readImageName(`nginx:1@${digest}`)).toMatchObject({ repository: 'library/nginx', tag: '1', digest });
    expect(readImageName(`reg.example.org:5000/a@${digest}`)).toMatchObject({
      registry: 'reg.example.org:5000',
      digest,
    });
  });
});

describe('repositoryOf', () => {
  test('is the same however the name is written', () => {
    for (const name of ['nginx', 'nginx:1', 'library/nginx', `docker.io/library/nginx@${digest}`]) {
      expect(repositoryOf(name)).toBe('docker.io/library/nginx');
    }
  });
});

describe('isSameImageName', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest', true],
    ['nginx:1', 'nginx:2', false],
    ['nginx:1', `nginx@${digest}`, false],
    [`nginx:1@${digest}`, `library/nginx@${digest}`, true],
    [`acme/nginx@${digest}`, `nginx@${digest}`, false],
  ])('%s, %s: %s', (one, other, same) => {
    expect(isSameImageName(one, other)).toBe(same);
  });
});

describe('parseRegistry', () => {
  test.each([
    ['ghcr.io', 'ghcr.io'],
    ['Registry.Example.org:5000', 'registry.example.org:5000'],
    ['registry-1.docker.io', 'docker.io'],
    ['localhost', 'localhost'],
    ['[::1]:5000', '[::1]:5000'],
  ])('takes %s', (text, value) => {
    expect(parseRegistry(text)).toEqual({ ok: true, value });
  });

  test.each([
    '',
    'nginx',
    'https://ghcr.io',
    'ghcr.io/acme',
    'ghcr.io:',
    'ghcr..io',
    '-a.example',
    'a b.example',
    '.example',
  ])('refuses %j', (text) => {
    expect(parseRegistry(text).ok).toBe(false);
  });
});
