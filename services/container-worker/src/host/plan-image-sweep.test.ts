import { describe, expect, test } from 'vitest';
import { type HostImage, planImageSweep } from './plan-image-sweep.ts';

const digest = (letter: string) => `acme/site@sha256:${letter.repeat(64)}`;
const image = (changed: Partial<HostImage> = {}): HostImage => ({
  id: 'one',
  tags: ['acme/site:1'],
  digests: [digest('a')],
  ...changed,
});
const known = (kept: boolean, names = ['acme/site:1']) => [{ digest: digest('a'), names, kept }];
const plan = (given: HostImage, records = known(false), used: string[] = [], unresolved: string[] = []) =>
  planImageSweep([given], new Set(used), { known: records, unresolved });

describe('planImageSweep', () => {
  test('removes an image of ours that no site keeps, by all its names', () => {
    expect(plan(image())).toEqual([{ id: 'one', references: ['acme/site:1', digest('a')] }]);
    expect(plan(image({ tags: [] }))).toEqual([{ id: 'one', references: [digest('a')] }]);
  });

  test('knows a name however it was written in the order', () => {
    expect(plan(image(), known(false, ['docker.io/acme/site:1']))).toHaveLength(1);
  });

  test.each([
    ['that a site keeps', image(), known(true), [], []],
    ['that a container uses', image(), known(false), ['one'], []],
    ['that no release was made from', image(), [], [], []],
    ['that somebody gave another tag', image({ tags: ['acme/site:1', 'mine/copy:x'] }), known(false), [], []],
    ['that somebody pulled by another tag', image({ tags: ['acme/site:2'] }), known(false), [], []],
    [
      'that somebody pulled from elsewhere',
      image({ digests: [digest('a'), 'mirror/site@sha256:0'] }),
      known(false),
      [],
      [],
    ],
    ['whose name a release is about to mean', image(), known(false), [], ['docker.io/acme/site:1']],
    ['that was loaded by hand', image({ digests: [] }), known(false), [], []],
  ])('leaves one alone %s', (_why, given, records, used, unresolved) => {
    expect(plan(given, records, used, unresolved)).toEqual([]);
  });
});
