import type { Operation, OperationStep } from '@berth/contract/operation';
import { describe, expect, test } from 'vitest';
import { keepingTerminal } from '../testing/test-shell.ts';
import { followOperation } from './follow-operation.ts';

const step = (aspect: string, more: Partial<OperationStep> = {}): OperationStep => ({
  aspect,
  status: 'pending',
  reason: 'Waiting',
  message: '',
  since: '2026-11-25T12:00:00Z',
  tries: 0,
  queue: null,
  ...more,
});
const operation = (more: Partial<Operation>): Operation => ({
  id: 'o1',
  kind: 'order',
  target: null,
  site: 'c1',
  status: 'running',
  done: false,
  waitingFor: null,
  steps: [],
  createdAt: '2026-11-25T12:00:00Z',
  url: '/v1/operations/o1',
  ...more,
});
const follow = (answers: Operation[], timeoutMs = 60_000) => {
  const [begun, ...later] = answers;
  const terminal = keepingTerminal();
  const ask = async <T>() => (later.shift() ?? begun) as T;
  return { terminal, ended: followOperation(begun ?? operation({}), { ask, terminal, timeoutMs }) };
};

describe('followOperation', () => {
  test('tells each step when it changes, and nothing of those that only wait', async () => {
    const zone = step('zone', { status: 'waiting', reason: 'NameserversNotChanged', message: 'set them' });
    const done = step('zone', { status: 'done', reason: 'ZoneActive' });
    const { terminal, ended } = follow([
      operation({ steps: [zone, step('route')] }),
      operation({ steps: [zone, step('route')] }),
      operation({
        steps: [done, step('route', { status: 'done', reason: 'RoutesReady' })],
        done: true,
        status: 'succeeded',
      }),
    ]);
    expect((await ended).status).toBe('succeeded');
    expect(terminal.said().trimEnd().split('\n')).toEqual([
      '  zone       waits for you NameserversNotChanged: set them',
      '  zone       done          ZoneActive',
      '  route      done          RoutesReady',
    ]);
  });

  test.each([
    ['failed', 'the deploy of site c1 failed'],
    ['canceled', 'the deploy of site c1 was canceled'],
  ] as const)('ends badly when it %s, and says why', async (status, what) => {
    const steps = [step('container', { status: 'running', reason: 'ContainerUnhealthy', message: '/health says 500' })];
    const { ended } = follow([operation({ kind: 'deploy', status, done: true, steps })]);
    await expect(ended).rejects.toMatchObject({
      ending: 'failed',
      parts: { what, why: ['container: ContainerUnhealthy: /health says 500'] },
    });
  });

  test('ends when its time is over, and says what a person must do', async () => {
    const { ended } = follow([operation({ waitingFor: 'set the name servers' })], 0);
    await expect(ended).rejects.toMatchObject({ ending: 'timeout', parts: { why: ['set the name servers'] } });
  });
});
