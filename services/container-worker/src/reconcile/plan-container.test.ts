import type { Release, ReleaseOutcome } from '@berth/shared/store/containers';
import { describe, expect, test } from 'vitest';
import type { ObservedContainer } from './container-access.ts';
import {
  type ContainerStep,
  chooseRelease,
  isRunning,
  type Observed,
  planContainer,
  runOf,
  type WantedContainer,
} from './plan-container.ts';

const limits = { memoryBytes: 5e8, cpus: 0.5, restartPolicy: 'unless-stopped', port: 3100 };

const wanted: WantedContainer = {
  ...limits,
  name: 'customer-a',
  release: 2,
  fallback: 1,
  mark: 'new',
  placementId: 'p',
  subnet: '10.200.0.0/28',
  bridge: 'berth0',
  restartFrom: undefined,
};

const network = { id: 'n', placementId: 'p', subnet: '10.200.0.0/28', bridge: 'berth0', isIsolated: true };

const current: ObservedContainer = {
  ...limits,
  id: 'c2',
  name: 'customer-a',
  image: 'site:2',
  release: 2,
  mark: 'new',
  status: 'running',
  startedAt: 't2',
  finishedAt: 't0',
  exitCode: 0,
  networks: { 'customer-a': 'n' },
};
const old: ObservedContainer = { ...current, id: 'c1', image: 'site:1', release: 1, mark: 'old', startedAt: 't1' };
const next: ObservedContainer = { ...current, name: 'customer-a.next' };
const stopped = (one: ObservedContainer): ObservedContainer => ({ ...one, status: 'exited' });

const all: Observed = { network, hasImage: true, containers: [current] };

interface Case {
  when: string;
  wish?: Partial<WantedContainer>;
  seen?: Partial<Observed>;
  step: ContainerStep;
}

const cases: Case[] = [
  { when: 'nothing is there', seen: { network: undefined, containers: [] }, step: { kind: 'create-network' } },
  { when: 'the image is missing', seen: { hasImage: false, containers: [] }, step: { kind: 'pull' } },
  { when: 'network and image are there', seen: { containers: [] }, step: { kind: 'create', name: 'customer-a' } },
  { when: 'it was made', seen: { containers: [{ ...current, status: 'created' }] }, step: { kind: 'start', id: 'c2' } },
  {
    when: 'it was made and never started, so it has no id of its network yet',
    seen: { containers: [{ ...current, status: 'created', networks: { 'customer-a': '' } }] },
    step: { kind: 'start', id: 'c2' },
  },
  { when: 'it runs', step: { kind: 'probe', container: current } },
  { when: 'it runs and its image is gone', seen: { hasImage: false }, step: { kind: 'probe', container: current } },
  { when: 'it was stopped', seen: { containers: [stopped(current)] }, step: { kind: 'start', id: 'c2' } },
  {
    when: 'Docker is about to restart it',
    seen: { containers: [{ ...current, status: 'restarting' }] },
    step: { kind: 'probe', container: { ...current, status: 'restarting' } },
  },
  {
    when: 'it was paused',
    seen: { containers: [{ ...current, status: 'paused' }] },
    step: { kind: 'restart', id: 'c2' },
  },
  {
    when: 'it runs and nobody has seen its start',
    seen: { containers: [{ ...current, startedAt: '0001-01-01T00:00:00Z' }] },
    step: { kind: 'restart', id: 'c2' },
  },
  {
    when: 'it can not be started any more',
    seen: { containers: [{ ...current, status: 'dead' }] },
    step: { kind: 'remove', id: 'c2' },
  },
  { when: 'this very run must end', wish: { restartFrom: runOf(current) }, step: { kind: 'restart', id: 'c2' } },
  { when: 'another run had to end', wish: { restartFrom: 'c2@t1' }, step: { kind: 'probe', container: current } },
  {
    when: 'a restart is wanted of what does not run',
    wish: { restartFrom: '' },
    seen: { containers: [stopped(current)] },
    step: { kind: 'start', id: 'c2' },
  },

  {
    when: 'the old one runs and the image is missing',
    seen: { hasImage: false, containers: [old] },
    step: { kind: 'pull' },
  },
  { when: 'the old one runs', seen: { containers: [old] }, step: { kind: 'create', name: 'customer-a.next' } },
  {
    when: 'the new one is there too',
    seen: { containers: [old, { ...next, status: 'created' }] },
    step: { kind: 'stop', id: 'c1' },
  },
  {
    when: 'the old one is stopped',
    seen: { containers: [stopped(old), { ...next, status: 'created' }] },
    step: { kind: 'start', id: 'c2' },
  },
  { when: 'the new one runs', seen: { containers: [stopped(old), next] }, step: { kind: 'probe', container: next } },
  {
    when: 'the new one failed and the old one is wanted again',
    wish: { release: 1, mark: 'old', fallback: undefined },
    seen: { containers: [stopped(old), next] },
    step: { kind: 'stop', id: 'c2' },
  },
  {
    when: 'a new one that nobody wants any more is in the way, not started',
    wish: { release: 3, mark: 'newer' },
    seen: { containers: [old, { ...next, status: 'created' }] },
    step: { kind: 'remove', id: 'c2' },
  },
  {
    when: 'a new one that nobody wants any more is in the way, and runs',
    wish: { release: 3, mark: 'newer' },
    seen: { containers: [stopped(old), next] },
    step: { kind: 'stop', id: 'c2' },
  },
  {
    when: 'the one before is healthy under its first name, and the one before that is still there',
    wish: { release: 3, mark: 'newer', fallback: 2 },
    seen: { containers: [stopped(old), next] },
    step: { kind: 'remove', id: 'c1' },
  },
  {
    when: 'the first name is the free one',
    wish: { release: 3, mark: 'newer', fallback: 2 },
    seen: { containers: [next] },
    step: { kind: 'create', name: 'customer-a' },
  },
  {
    when: 'both names are taken by what the last one was',
    wish: { release: 3, mark: 'newer', fallback: 2 },
    seen: { containers: [current, stopped(next)] },
    step: { kind: 'remove', id: 'c2' },
  },

  {
    when: 'a network of its name is a stranger’s',
    seen: { network: { ...network, placementId: undefined } },
    step: { kind: 'stranger' },
  },
  {
    when: 'a network of its name is another placement’s',
    seen: { network: { ...network, placementId: 'q' } },
    step: { kind: 'stranger' },
  },
  {
    when: 'the network has another bridge than the firewall knows',
    seen: { network: { ...network, bridge: 'br-0' } },
    step: { kind: 'stop', id: 'c2' },
  },
  {
    when: 'containers of the network reach each other',
    seen: { network: { ...network, isIsolated: false }, containers: [] },
    step: { kind: 'remove-network' },
  },
  { when: 'the network is of another slot', wish: { subnet: '10.200.0.16/28' }, step: { kind: 'stop', id: 'c2' } },
  {
    when: 'the network is of another slot and what hung on it is stopped',
    wish: { subnet: '10.200.0.16/28' },
    seen: { containers: [stopped(current)] },
    step: { kind: 'remove', id: 'c2' },
  },
  {
    when: 'the network is of another slot and nothing hangs on it',
    wish: { subnet: '10.200.0.16/28' },
    seen: { containers: [] },
    step: { kind: 'remove-network' },
  },
  {
    when: 'the network is gone',
    seen: { network: undefined, containers: [stopped(current)] },
    step: { kind: 'create-network' },
  },
];

describe('planContainer', () => {
  test.each(cases)('plans $step.kind when $when', ({ wish, seen, step }) => {
    expect(planContainer({ ...wanted, ...wish }, { ...all, ...seen })).toEqual(step);
  });

  test.each<[string, Partial<ObservedContainer>]>([
    ['of another release', { release: 1 }],
    ['made from something else', { mark: 'old' }],
    ['with another memory limit', { memoryBytes: 1e9 }],
    ['with another share of the processor', { cpus: 1 }],
    ['that Docker would not restart', { restartPolicy: 'no' }],
    ['on another port', { port: 3101 }],
    ['on a former network of the name', { networks: { 'customer-a': 'former' } }],
    ['on another network', { networks: { bridge: 'b' } }],
    ['on another network beside its own', { networks: { 'customer-a': 'n', bridge: 'b' } }],
    ['on no network', { networks: {} }],
  ])('makes a new one in place of one %s, before the other is stopped', (_, changed) => {
    const seen = { ...all, containers: [{ ...current, ...changed }] };
    expect(planContainer(wanted, seen)).toEqual({ kind: 'create', name: 'customer-a.next' });
  });
});

describe('chooseRelease', () => {
  const release = (number: number, outcome: ReleaseOutcome): Release => ({
    number,
    image: `site:${number}`,
    licenseKeyEnc: '',
    profile: 'strict',
    outcome,
    digest: null,
    startedSeconds: null,
  });
  const chosen = (...releases: Release[]) => {
    const { release: one, fallback } = chooseRelease({ releases });
    return [one?.number, fallback?.number];
  };

  test('takes the latest, and falls back to the one that has run', () => {
    expect(chosen(release(3, 'pending'), release(2, 'running'))).toEqual([3, 2]);
  });

  test('has nothing to fall back to before anything has run', () => {
    expect(chosen(release(2, 'pending'), release(1, 'pending'))).toEqual([2, undefined]);
    expect(chosen(release(1, 'running'))).toEqual([1, undefined]);
  });

  test('takes nothing when there is nothing', () => {
    expect(chosen()).toEqual([undefined, undefined]);
  });
});

describe('isRunning', () => {
  test.each([
    ['created', false],
    ['running', true],
    ['restarting', true],
    ['paused', true],
    ['exited', false],
    ['dead', false],
  ] as const)('says of %s: %s', (status, expected) => {
    expect(isRunning({ ...current, status })).toBe(expected);
  });
});
