import { describe, expect, test } from 'vitest';
import { chooseDigest, pinnedReference } from './release-image.ts';

const [a, b] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];
const id = `sha256:${'0'.repeat(64)}`;

describe('chooseDigest', () => {
  test('takes the digest of the repository that was named, not the first', () => {
    const digests = [`mirror.example/site@${a}`, `site@${b}`];
    expect(chooseDigest('docker.io/library/site:1', { id, digests })).toBe(`site@${b}`);
    expect(chooseDigest('mirror.example/site:1', { id, digests })).toBe(`mirror.example/site@${a}`);
  });

  test('takes the very digest that was named when the repository has several for the image', () => {
    expect(chooseDigest(`site@${b}`, { id, digests: [`site@${a}`, `site@${b}`] })).toBe(`site@${b}`);
  });

  test('takes the id of an image that this repository never gave', () => {
    expect(chooseDigest('local/site:1', { id, digests: [] })).toBe(id);
    expect(chooseDigest('local/site:1', { id, digests: [`other/site@${a}`] })).toBe(id);
  });
});

describe('pinnedReference', () => {
  test.each([
    ['site:1', null, undefined],
    ['site:1', `site@${a}`, `site:1@${a}`],
    [
      'registry.example.org:5000/site:1',
      `registry.example.org:5000/site@${a}`,
      `registry.example.org:5000/site:1@${a}`,
    ],
    [`site@${a}`, `site@${a}`, `site@${a}`],
    [`site:1@${a}`, `site@${a}`, `site:1@${a}`],
    ['site:1', `mirror.example/site@${a}`, `mirror.example/site@${a}`],
    ['site:1', id, id],
  ])('of %s with digest %s is %s', (image, digest, pinned) => {
    expect(pinnedReference({ image, digest })).toBe(pinned);
  });
});
