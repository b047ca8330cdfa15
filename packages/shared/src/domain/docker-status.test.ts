import { describe, expect, test } from 'vitest';
import { type ContainerRun, dockerStatus } from './docker-status.ts';

const now = new Date('2026-11-25T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const of = (more: Partial<ContainerRun>) =>
  dockerStatus({ status: 'running', startedAt: ago(2), finishedAt: undefined, exitCode: 0, ...more }, now);

describe('dockerStatus', () => {
  test.each([
    [0.4, 'Up Less than a second'],
    [1.9, 'Up 1 second'],
    [59, 'Up 59 seconds'],
    [60, 'Up About a minute'],
    [120, 'Up 2 minutes'],
    [3599, 'Up 59 minutes'],
    [3600, 'Up About an hour'],
    [5400, 'Up 2 hours'],
    [47 * 3600, 'Up 47 hours'],
    [48 * 3600, 'Up 2 days'],
    [14 * 86_400, 'Up 2 weeks'],
    [60 * 86_400, 'Up 2 months'],
    [730 * 86_400, 'Up 2 years'],
    [-5, 'Up Less than a second'],
  ])('says of a container that has run for %d s: %s', (seconds, said) => {
    expect(of({ startedAt: ago(seconds) })).toBe(said);
  });

  test.each<[Partial<ContainerRun>, string]>([
    [{ status: 'created', startedAt: undefined }, 'Created'],
    [{ status: 'paused' }, 'Up 2 seconds (Paused)'],
    [{ status: 'exited', finishedAt: ago(70), exitCode: 137 }, 'Exited (137) About a minute ago'],
    [{ status: 'restarting', finishedAt: ago(3), exitCode: 1 }, 'Restarting (1) 3 seconds ago'],
    [{ status: 'exited', exitCode: undefined }, 'Exited (0)'],
    [{ status: 'dead' }, 'Dead'],
    [{ status: 'removed' }, 'Removed'],
  ])('says of %j: %s', (run, said) => {
    expect(of(run)).toBe(said);
  });
});
