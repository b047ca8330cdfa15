import { describe, expect, test } from 'vitest';
import { type HostSeen, stateOfHost, whyUnwatched } from './host-state.ts';

const at = '2026-11-25T18:00:00.000Z';
const alive = { seenAt: at, alive: true };
const silent = { seenAt: at, alive: false };
const never = { seenAt: null, alive: false };
const host = (more: Partial<HostSeen> = {}): HostSeen => ({
  draining: false,
  containers: alive,
  connectors: alive,
  ...more,
});

describe('stateOfHost', () => {
  test('says ready, or draining, while both halves are alive', () => {
    expect(stateOfHost(host())).toMatchObject({ state: 'ready', reason: null });
    expect(stateOfHost(host({ draining: true }))).toMatchObject({ state: 'draining', reason: null });
  });

  test.each([
    ['containers', `no sign of life of its container-worker since ${at};`],
    ['connectors', `no sign of life of its tunnel-worker since ${at};`],
  ])('says down when the %s fell silent, draining or not', (half, message) => {
    for (const draining of [false, true]) {
      const state = stateOfHost(host({ [half]: silent, draining }));
      expect(state).toMatchObject({ state: 'down', reason: 'LeaseExpired', message: expect.stringContaining(message) });
    }
  });

  test('says which worker was never there', () => {
    expect(stateOfHost(host({ connectors: never }))).toMatchObject({
      state: 'down',
      reason: 'WorkerMissing',
      message: 'its tunnel-worker never reported; start it on this host',
    });
  });
});

describe('whyUnwatched', () => {
  test('says nothing while the health-worker is alive', () => {
    expect(whyUnwatched({ health: alive })).toBeUndefined();
  });

  test('says since when it is silent, or that it never was there', () => {
    expect(whyUnwatched({ health: silent })).toContain(`no sign of life of its health-worker since ${at}:`);
    expect(whyUnwatched({ health: never })).toContain('its health-worker never reported');
  });
});
