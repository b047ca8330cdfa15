import { BerthError } from '@berth/shared/errors/berth-error';
import { describe, expect, test } from 'vitest';
import { guarded, statusOf, unless } from './docker-errors.ts';

const going = new AbortController().signal;
const refusal = (statusCode: number) =>
  Object.assign(new Error('(HTTP code) words of the Engine'), { statusCode, reason: 'why' });
const failing = (error: Error) => guarded('starting container c', going, 1000, () => Promise.reject(error));

describe('guarded', () => {
  test('gives what the call gives', async () => {
    expect(await guarded('looking', going, 1000, async () => 'seen')).toBe('seen');
  });

  test('says that Docker is unavailable when there is no answer, or only that of a proxy', async () => {
    const away = Object.assign(new Error('connect ENOENT'), { code: 'ENOENT' });
    await expect(failing(away)).rejects.toMatchObject({ code: 'docker.unavailable', cause: away });
    await expect(failing(refusal(503))).rejects.toMatchObject({ code: 'docker.unavailable' });
  });

  test('says with which status Docker refused, and keeps its words for the log alone', async () => {
    const cause = refusal(500);
    await expect(failing(cause)).rejects.toMatchObject({
      code: 'docker.refused',
      message: 'starting container c: HTTP 500',
      cause,
    });
  });

  test('waits no longer than it was told, also for a call that takes no signal', async () => {
    const never = guarded('looking', going, 5, () => new Promise(() => undefined));
    await expect(never).rejects.toMatchObject({ code: 'docker.unavailable', message: 'looking: no answer in time' });
  });

  test('ends with the reason of its signal when that is aborted under way', async () => {
    const stop = new AbortController();
    const ended = guarded('looking', stop.signal, 1000, () => new Promise(() => undefined));
    stop.abort(new BerthError('lease.lost', 'gone'));
    await expect(ended).rejects.toMatchObject({ code: 'lease.lost' });
  });

  test('calls nobody when its signal was aborted before', async () => {
    let called = false;
    const call = async () => {
      called = true;
    };
    const aborted = AbortSignal.abort(new BerthError('lease.lost', 'gone'));
    await expect(guarded('looking', aborted, 1000, call)).rejects.toMatchObject({ code: 'lease.lost' });
    expect(called).toBe(false);
  });
});

describe('unless', () => {
  test('gives undefined for the statuses it was given, and nothing else', async () => {
    expect(await unless([304, 404], failing(refusal(404)))).toBeUndefined();
    await expect(unless([304, 404], failing(refusal(409)))).rejects.toMatchObject({ code: 'docker.refused' });
    await expect(unless([404], failing(new Error('no answer')))).rejects.toMatchObject({ code: 'docker.unavailable' });
  });
});

describe('statusOf', () => {
  test('finds the status of a refusal, wrapped or not', async () => {
    expect(statusOf(refusal(409))).toBe(409);
    expect(statusOf(await failing(refusal(409)).catch((error: unknown) => error))).toBe(409);
    expect(statusOf(new Error('no answer'))).toBeUndefined();
  });
});
