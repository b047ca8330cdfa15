import { beforeEach, describe, expect, test } from 'vitest';
import type { Claimed } from '../store/protocol.ts';
import { type HandClock, makeHandClock } from '../testing/hand-clock.ts';
import { momentOf } from './clock.ts';
import { holdLease } from './lease.ts';

const LEASE_MS = 30_000;

const claimed: Claimed = {
  id: 'condition',
  siteId: 'site',
  placementId: null,
  aspect: 'tunnel',
  queue: 'edge',
  status: 'unknown',
  reason: 'Queued',
  message: '',
  observedGeneration: 1,
  tries: 0,
  wakes: '0',
  leaseNo: '1',
  reached: false,
  causeId: null,
};

describe('a lease', () => {
  let clock: HandClock;
  /** what the row says when it's asked */
  let row: () => Promise<boolean>;
  let renewals: number;

  beforeEach(() => {
    clock = makeHandClock();
    row = async () => true;
    renewals = 0;
  });

  const hold = () => {
    const protocol = {
      renew: () => {
        renewals += 1;
        return row();
      },
    };
    return holdLease(claimed, { protocol, clock, owner: 'w1', leaseMs: LEASE_MS, claimedFrom: momentOf(clock) });
  };
  /** what is renewed by itself takes some turns of the event loop */
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const away = () => Promise.reject(new Error('the database is away'));
  const taken = async () => false;

  test('lets effects happen without asking while it is young', async () => {
    const lease = hold();
    await lease.assert();
    clock.pass(LEASE_MS / 3 - 1);
    await lease.assert();
    expect(renewals).toBe(0);
    lease.end();
  });

  test('is renewed by itself while work goes on, and not after it', async () => {
    const lease = hold();
    for (let thirds = 0; thirds < 9; thirds += 1) {
      clock.pass(LEASE_MS / 3);
      await turn();
    }
    expect(renewals).toBe(9);
    await lease.assert();
    lease.end();
    clock.pass(LEASE_MS);
    await turn();
    expect(renewals).toBe(9);
  });

  test('lets no effect happen once another has the row', async () => {
    const lease = hold();
    row = taken;
    clock.pass(LEASE_MS / 3);
    await turn();
    await expect(lease.assert()).rejects.toMatchObject({ code: 'lease.lost' });
    expect(lease.signal.aborted).toBe(true);
    expect(lease.touched).toBe(false);
    const asked = renewals;
    clock.pass(LEASE_MS);
    await turn();
    expect(renewals, 'what is lost is not asked for again').toBe(asked);
  });

  test('lets no effect happen while the database is away for longer than it lives', async () => {
    const lease = hold();
    row = away;
    for (let thirds = 0; thirds < 3; thirds += 1) {
      clock.pass(LEASE_MS / 3);
      await turn();
    }
    await expect(lease.assert()).rejects.toThrow();
    expect(lease.touched).toBe(false);
    lease.end();
  });

  test('goes on when the database was away for less than it lives', async () => {
    const lease = hold();
    row = away;
    clock.pass(LEASE_MS / 2);
    await turn();
    row = async () => true;
    await lease.assert();
    expect(lease.touched).toBe(true);
    lease.end();
  });

  test('does not wait longer for an answer than it lives', async () => {
    const lease = hold();
    row = () => new Promise(() => undefined);
    clock.pass(LEASE_MS / 2);
    const asserted = lease.assert();
    asserted.catch(() => undefined);
    await turn();
    clock.pass(LEASE_MS / 2);
    await expect(asserted).rejects.toMatchObject({ code: 'lease.lost' });
    lease.end();
  });

  test('is asked for after the machine slept, when the even clock stood still', async () => {
    const lease = hold();
    row = taken;
    clock.jump(10 * LEASE_MS);
    await expect(lease.assert()).rejects.toMatchObject({ code: 'lease.lost' });
    lease.end();
  });

  test.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('outlives a wall clock that is set %s', async (_, ms) => {
    const lease = hold();
    clock.jump(ms);
    await lease.assert();
    clock.pass(LEASE_MS / 3);
    await turn();
    await lease.assert();
    expect(lease.signal.aborted).toBe(false);
    lease.end();
  });

  test('ends for good when the process must stop', async () => {
    const lease = hold();
    lease.abort();
    await expect(lease.assert()).rejects.toMatchObject({ code: 'lease.lost' });
    clock.pass(LEASE_MS);
    await turn();
    expect(renewals, 'others must be able to take over').toBe(0);
  });
});
