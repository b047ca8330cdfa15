import { describe, expect, test } from 'vitest';
import { type ContainerLook, chooseContainer, type ListedContainer, seeContainer } from './see-container.ts';
import { seeTunnel, type TunnelLook } from './see-tunnel.ts';
import { FOR_EVER } from './sight.ts';

const listed: ListedContainer = { id: 'c1', placementId: 'p', state: 'running', ports: [3100] };
const container = (more: Partial<ContainerLook> = {}) =>
  seeContainer({
    healthPath: '/health',
    probed: { kind: 'answer', status: 200, latencyMs: 5 },
    listed,
    inspected: undefined,
    startMs: 60_000,
    ...more,
  });
const none = (reason: 'Timeout' | 'Refused') => ({ kind: 'none', reason, latencyMs: 10_000 }) as const;
const ran = (ranMs: number, more = {}) => ({ ranMs, exitCode: 0, outOfMemory: false, ...more });

describe('seeContainer', () => {
  test.each([
    ['an answer with 2xx', {}, { outcome: 'healthy', code: 200, word: 'running', run: 'c1' }],
    [
      'any other answer',
      { probed: { kind: 'answer', status: 503, latencyMs: 5 } },
      { outcome: 'unhealthy', reason: 'BadStatus', code: 503, down: false },
    ],
    [
      'no answer',
      { probed: none('Timeout'), inspected: ran(61_000) },
      { outcome: 'unreachable', reason: 'Timeout', starting: false, down: false },
    ],
    [
      'no answer of one that has just started',
      { probed: none('Refused'), inspected: ran(59_000) },
      { outcome: 'unreachable', reason: 'Refused', starting: true },
    ],
    [
      'one that ended',
      { listed: { ...listed, state: 'exited' }, inspected: ran(0, { exitCode: 1 }) },
      { outcome: 'unreachable', reason: 'NotRunning', down: true, error: 'it ended with status 1' },
    ],
    [
      'one that ran out of memory',
      { listed: { ...listed, state: 'exited' }, inspected: ran(0, { exitCode: 137, outOfMemory: true }) },
      { reason: 'OutOfMemory', down: true },
    ],
    [
      'one that Docker restarts',
      { listed: { ...listed, state: 'restarting' } },
      { reason: 'Restarting', patienceMs: FOR_EVER },
    ],
    [
      'one that is paused, whatever answers at its port',
      { listed: { ...listed, state: 'paused' } },
      { reason: 'Paused', down: true },
    ],
    ['none at all, whatever answers at its port', { listed: undefined }, { reason: 'ContainerMissing', down: true }],
    ['an answer while Docker is away', { listed: null }, { outcome: 'healthy', word: null }],
    [
      'no answer while Docker is away',
      { listed: null, probed: none('Refused') },
      { outcome: 'unreachable', reason: 'DockerAway', down: false },
    ],
  ] satisfies [string, Partial<ContainerLook>, object][])('%s', (_, look, expected) => {
    expect(container(look)).toMatchObject(expected);
  });
});

describe('chooseContainer', () => {
  test('takes the one that has the port, else one that runs, else any', () => {
    const next = { ...listed, id: 'c2', ports: [] };
    const old = { ...listed, id: 'c3', state: 'exited', ports: [] };
    expect(chooseContainer([next, listed], 3100)?.id).toBe('c1');
    expect(chooseContainer([old, next], 3100)?.id).toBe('c2');
    expect(chooseContainer([old], 3100)?.id).toBe('c3');
    expect(chooseContainer([], 3100)).toBeUndefined();
  });
});

const unit = { name: 'u', load: 'loaded', active: 'active', sub: 'running' };
const tunnel = (more: Partial<TunnelLook> = {}) =>
  seeTunnel({
    unit,
    ended: undefined,
    ready: { connections: 4, connectorId: 'r1', latencyMs: 1 },
    disabled: false,
    runBefore: 'r1',
    startedByUs: false,
    nowMs: 5000,
    ...more,
  });

describe('seeTunnel', () => {
  test.each([
    ['connected', {}, { outcome: 'healthy', connections: 4, word: 'active', drifted: false, restarts: [] }],
    [
      'running without a connection',
      { ready: { connections: 0, connectorId: 'r1', latencyMs: 1 } },
      { outcome: 'unhealthy', reason: 'NotConnected', patienceMs: 60_000, down: false },
    ],
    ['running without an answer', { ready: undefined }, { outcome: 'unreachable', reason: 'NoAnswer', down: false }],
    [
      'failed',
      { unit: { ...unit, active: 'failed', sub: 'failed' }, ended: { result: 'exit-code', starts: 0 } },
      { reason: 'UnitFailed', down: true, error: 'the unit is failed, failed (exit-code)' },
    ],
    [
      'stopped',
      { unit: { ...unit, active: 'inactive', sub: 'dead' }, ended: { result: 'success', starts: 0 } },
      { reason: 'UnitInactive', down: true, error: 'the unit is inactive, dead' },
    ],
    [
      'started by systemd',
      { unit: { ...unit, active: 'activating', sub: 'auto-restart' }, ended: { result: 'signal', starts: 3 } },
      { reason: 'UnitStarting', patienceMs: FOR_EVER, run: 'starts 3', restarts: [{ by: 'systemd' }] },
    ],
    ['unknown to systemd', { unit: undefined }, { reason: 'UnitMissing', down: true }],
    ['disabled, but connected', { disabled: true }, { outcome: 'healthy', drifted: true }],
    ['connected while systemd is away', { unit: null }, { outcome: 'healthy', word: null }],
    [
      'another process than before',
      { runBefore: 'r0' },
      { outcome: 'healthy', restarts: [{ at: 5000, by: 'systemd', reason: 'Restarted' }] },
    ],
    ['another process than before, started by Berth', { runBefore: 'r0', startedByUs: true }, { restarts: [] }],
    ['the first process that is seen', { runBefore: null }, { restarts: [] }],
  ] satisfies [string, Partial<TunnelLook>, object][])('%s', (_, look, expected) => {
    expect(tunnel(look)).toMatchObject(expected);
  });

  test.each([
    ['another process before', 'r1', 9, 1],
    ['the same count before', 'starts 9', 9, 0],
    ['fewer before', 'starts 2', 9, 7],
    ['a count that began anew', 'starts 9', 2, 2],
    ['more than are remembered', 'starts 2', 900, 20],
    ['nothing known', null, 9, 0],
  ])('counts the starts of a unit that does not run: %s', (_, runBefore, starts, more) => {
    const looping = { unit: { ...unit, active: 'activating', sub: 'auto-restart' }, ready: undefined };
    expect(tunnel({ ...looping, ended: { result: 'signal', starts }, runBefore }).restarts).toHaveLength(more);
  });
});
