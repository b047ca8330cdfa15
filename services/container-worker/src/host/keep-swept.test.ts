import { silentLog } from '@berth/shared/runtime/log';
import { makeHandClock } from '@berth/shared/testing/hand-clock';
import { expect, test } from 'vitest';
import { keepSwept } from './keep-swept.ts';

/** What has no wait of a clock in it ends in a few turns of the event loop. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('keepSwept sweeps every ten minutes, also after a sweep that failed, and no more once it is stopped', async () => {
  const clock = makeHandClock();
  let sweeps = 0;
  const sweep = async () => {
    sweeps += 1;
    if (sweeps === 1) throw new Error('Docker is away');
    return 0;
  };
  const kept = keepSwept({ sweep, clock, log: silentLog });
  for (const expected of [1, 2, 3]) {
    clock.pass(599_999);
    await settle();
    expect(sweeps).toBe(expected - 1);
    clock.pass(1);
    await settle();
    expect(sweeps).toBe(expected);
  }
  await kept.stop();
  clock.pass(600_000);
  await settle();
  expect(sweeps).toBe(3);
});
