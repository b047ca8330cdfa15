import { describe, expect, test } from 'vitest';
import { makePullProgress, type PullLine } from './pull-progress.ts';

const line = (id: string, status: string, current?: number, total?: number): PullLine => ({
  id,
  status,
  progressDetail: current === undefined || total === undefined ? {} : { current, total },
});

const read = (...lines: PullLine[]) => {
  const add = makePullProgress();
  return lines.map(add).at(-1);
};

describe('makePullProgress', () => {
  test('counts layers alike, four fifths for the download and one for unpacking', () => {
    const lines = [line('a', 'Pulling fs layer'), line('b', 'Pulling fs layer'), line('b', 'Waiting')];
    expect(read(...lines)).toMatchObject({ percent: 0, layers: 2, layersDone: 0 });
    lines.push(line('a', 'Downloading', 50, 100));
    expect(read(...lines)).toMatchObject({ percent: 20, bytes: 50, totalBytes: 100 });
    lines.push(line('a', 'Download complete'));
    expect(read(...lines)).toMatchObject({ percent: 40 });
    lines.push(line('a', 'Pull complete'), line('b', 'Downloading', 1000, 1000), line('b', 'Extracting', 1000, 1000));
    expect(read(...lines)).toMatchObject({ percent: 99, layersDone: 1, bytes: 1050, totalBytes: 1100 });
    lines.push(line('b', 'Pull complete'), { status: 'Digest: sha256:0' });
    expect(read(...lines)).toMatchObject({ percent: 100, layersDone: 2 });
  });

  test('never goes back, not when a layer is downloaded anew nor when further ones appear', () => {
    const lines = [line('a', 'Pulling fs layer'), line('a', 'Download complete'), line('a', 'Downloading', 1, 100)];
    expect(read(...lines)?.percent).toBe(80);
    expect(read(...lines, line('b', 'Pulling fs layer'))?.percent).toBe(80);
  });

  test('takes layers that are there for done, and lines about no layer for nothing', () => {
    expect(read({ id: '1', status: 'Pulling from acme/site' })).toMatchObject({ percent: 0, layers: 0 });
    expect(read(line('a', 'Already exists'))).toMatchObject({ percent: 100, layers: 1 });
    expect(read(line('a', 'Downloading', 5, 0))).toMatchObject({ percent: 0 });
  });
});
