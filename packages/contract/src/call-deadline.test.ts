import { describe, expect, test } from 'vitest';
import { withDeadline } from './call-deadline.ts';

const ended = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => signal.addEventListener('abort', () => resolve(signal.reason), { once: true }));

describe('withDeadline', () => {
  test('ends after the time with a TimeoutError, with and without a signal to follow', async () => {
    // What keeps the process alive meanwhile, as a call does.
    const alive = setInterval(() => undefined, 1000);
    const reasons = [ended(withDeadline(undefined, 1)), ended(withDeadline(new AbortController().signal, 1))];
    expect((await Promise.all(reasons)).map((reason) => (reason as Error).name)).toEqual([
      'TimeoutError',
      'TimeoutError',
    ]);
    clearInterval(alive);
  });

  test('ends when the given one does, for its reason, also when it has ended before', () => {
    const stopping = new AbortController();
    const signal = withDeadline(stopping.signal, 60_000);
    stopping.abort('enough');
    expect(signal.reason).toBe('enough');
    expect(withDeadline(stopping.signal, 60_000).reason).toBe('enough');
  });
});
