import { BerthError } from '@berth/shared/errors/berth-error';
import { silentLog } from '@berth/shared/runtime/log';
import { makeHandClock } from '@berth/shared/testing/hand-clock';
import { describe, expect, test } from 'vitest';
import { makeProtection } from './protection.ts';

const going = new AbortController().signal;
const missing = new BerthError('host.unprotected', 'iptables: is not installed');

function makeStand() {
  const clock = makeHandClock();
  const stand = { looks: 0, failure: undefined as Error | undefined, clock };
  const firewall = {
    async ensure() {
      stand.looks += 1;
      await Promise.resolve();
      if (stand.failure) throw stand.failure;
      return false;
    },
  };
  return { stand, protection: makeProtection({ firewall, clock, log: silentLog }) };
}

describe('makeProtection', () => {
  test('says what is in the way, and nothing once it is gone', async () => {
    const { stand, protection } = makeStand();
    stand.failure = missing;
    expect(await protection.check(going)).toBe('iptables: is not installed');
    stand.failure = undefined;
    expect(await protection.check(going)).toBeUndefined();
  });

  test('lets a container be made only where the firewall stands', async () => {
    const { stand, protection } = makeStand();
    stand.failure = missing;
    await expect(protection.assert(going)).rejects.toMatchObject({ code: 'host.unprotected' });
    stand.failure = undefined;
    await protection.assert(going);
  });

  test('looks once for all who ask at the same time, and not again while the look is fresh', async () => {
    const { stand, protection } = makeStand();
    await Promise.all([protection.assert(going), protection.assert(going), protection.check(going)]);
    await protection.assert(going);
    expect(stand.looks).toBe(1);
    stand.clock.pass(16_000);
    await protection.assert(going);
    expect(stand.looks).toBe(2);
  });

  test('does not trust an older look once a newer one failed', async () => {
    const { stand, protection } = makeStand();
    await protection.assert(going);
    stand.failure = missing;
    await protection.check(going);
    await expect(protection.assert(going)).rejects.toMatchObject({ code: 'host.unprotected' });
  });

  test('is no longer waited for by who was told to stop', async () => {
    const { protection } = makeStand();
    const stopped = AbortSignal.abort(new BerthError('lease.lost', 'gone'));
    await expect(protection.assert(stopped)).rejects.toMatchObject({ code: 'lease.lost' });
  });
});
