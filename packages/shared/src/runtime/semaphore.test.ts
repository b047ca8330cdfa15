import { describe, expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

describe('Semaphore', () => {
  test('gives as many permits as it has', () => {
    const permits = new Semaphore(2);
    expect([permits.tryAcquire(), permits.tryAcquire(), permits.tryAcquire()]).toEqual([true, true, false]);
    permits.release();
    expect(permits.free).toBe(1);
    expect(permits.inUse).toBe(1);
  });

  test('gives a permit that comes back to whom waits longest, and to nobody who asks later', async () => {
    const permits = new Semaphore(1);
    await permits.acquire();
    const order: string[] = [];
    const first = permits.acquire().then(() => order.push('first'));
    const second = permits.acquire().then(() => order.push('second'));
    permits.release();
    expect(permits.tryAcquire()).toBe(false);
    await first;
    permits.release();
    await second;
    expect(order).toEqual(['first', 'second']);
    permits.release();
    expect(permits.free).toBe(1);
  });
});
