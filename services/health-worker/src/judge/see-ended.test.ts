import type { HealthStanding, RestartMark } from '@berth/shared/domain/health';
import { describe, expect, test } from 'vitest';
import type { ListedContainer } from './see-container.ts';
import { type EndedLook, seeEnded } from './see-ended.ts';
import { FOR_EVER } from './sight.ts';

const listed: ListedContainer = { id: 'c1', placementId: 'p', state: 'exited', ports: [] };
const running = { ...listed, state: 'running' };
const before = { outcome: 'healthy', reason: '', code: 200, restarts: [] as RestartMark[] } as HealthStanding;
const told = { died: ['1'], stopped: false, outOfMemory: false };
const ended = (more: Partial<EndedLook> = {}) =>
  seeEnded({ told, listed, inspected: { ranMs: 0, exitCode: 137, outOfMemory: false }, before, nowMs: 5000, ...more });

describe('seeEnded', () => {
  test('what ended and does not run is down', () => {
    expect(ended()).toMatchObject({
      reason: 'NotRunning',
      down: true,
      error: 'it ended with status 137',
      restarts: [],
    });
    expect(ended({ listed: undefined })).toMatchObject({ reason: 'ContainerMissing', down: true });
    expect(ended({ told: { ...told, outOfMemory: true } })).toMatchObject({ reason: 'OutOfMemory' });
  });

  test('what Docker started again is as it was, and one start is counted for each end', () => {
    const twice = ended({ told: { ...told, died: ['1', '2'] }, listed: running });
    expect(twice).toMatchObject({ outcome: 'healthy', code: 200, starting: true });
    const start = { at: 5000, by: 'docker', reason: 'Exited' };
    expect(twice?.restarts).toEqual(['1', '2'].map((at) => ({ ...start, told: at })));
    expect(ended({ told: { ...told, outOfMemory: true }, listed: running })?.restarts).toMatchObject([
      { reason: 'OutOfMemory' },
    ]);
  });

  test('an end that another health-worker of the host has noted already is not counted again', () => {
    const restarts: RestartMark[] = [{ at: 4000, by: 'docker', reason: 'Exited', told: '1' }];
    const noted = { ...before, restarts };
    expect(ended({ listed: running, before: noted })).toBeUndefined();
    const more = ended({ told: { ...told, died: ['1', '2'] }, listed: running, before: noted });
    expect(more?.restarts).toMatchObject([{ told: '2' }]);
  });

  test('what Docker is about to start again is left to it', () => {
    expect(ended({ listed: { ...listed, state: 'restarting' } })).toMatchObject({
      reason: 'Restarting',
      patienceMs: FOR_EVER,
      restarts: [{ by: 'docker' }],
    });
  });

  test('there is nothing to judge where somebody stopped it and it runs again, or where nothing is known of it', () => {
    expect(ended({ told: { ...told, stopped: true }, listed: running })).toBeUndefined();
    expect(ended({ listed: running, before: undefined })).toBeUndefined();
  });
});
