import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { doneWithin, within } from './within.ts';

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)));

describe('within', () => {
  test('ends in time though memory is collected and nobody holds the signal', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const { signal } = new AbortController();
    const ended = Array.from({ length: 100 }, () => aborted(within(signal, 50)));
    collect();
    const reasons = await Promise.all(ended);
    expect(reasons.every((reason) => reason instanceof DOMException && reason.name === 'TimeoutError')).toBe(true);
  });

  test('ends with the given signal and its reason, also one that has ended already', async () => {
    const given = new AbortController();
    const ended = aborted(within(given.signal, 60_000));
    given.abort('stop');
    expect(await ended).toBe('stop');
    expect(within(given.signal, 60_000)).toMatchObject({ aborted: true, reason: 'stop' });
  });

  test('lets go of the given signal once the time is over', async () => {
    const given = new AbortController();
    const remove = vi.spyOn(given.signal, 'removeEventListener');
    await aborted(within(given.signal, 1));
    expect(remove).toHaveBeenCalledOnce();
  });

  test('warns of nothing, however many wait', async () => {
    const warned = vi.fn();
    process.on('warning', warned);
    const { signal } = new AbortController();
    await Promise.all(Array.from({ length: 900 }, () => aborted(within(signal, 5))));
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('doneWithin', () => {
  test('lets go of the given signal when the work is done', async () => {
    const given = new AbortController();
    const add = vi.spyOn(given.signal, 'addEventListener');
    const remove = vi.spyOn(given.signal, 'removeEventListener');
    const signal = await doneWithin(given.signal, 60_000, async (ends) => ends);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
    given.abort('stop');
    expect(signal.aborted).toBe(false);
  });

  test('ends the work in time, and with the given signal', async () => {
    const given = new AbortController();
    expect(await doneWithin(given.signal, 1, aborted)).toMatchObject({ name: 'TimeoutError' });
    const ended = doneWithin(given.signal, 60_000, aborted);
    given.abort('stop');
    expect(await ended).toBe('stop');
  });
});
