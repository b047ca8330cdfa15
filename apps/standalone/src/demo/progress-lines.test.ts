import type { SiteEvent } from '@berth/contract/site';
import { describe, expect, test } from 'vitest';
import { toProgress } from './progress-lines.ts';

function event(fields: Partial<SiteEvent>): SiteEvent {
  const nothing = { aspect: null, status: null, reason: null, message: '', data: {}, at: '2026-11-25T00:00:00.000Z' };
  return { seq: 1, type: 'condition.changed', ...nothing, ...fields };
}

describe('toProgress', () => {
  test('tells what is done', () => {
    expect(toProgress(event({ aspect: 'container', status: 'true', message: 'answers on port 3100' }))).toEqual({
      state: 'done',
      text: 'the container runs and is healthy: answers on port 3100',
    });
  });

  test('tells what is waited for, with the reason to look up', () => {
    const waiting = event({ aspect: 'zone', status: 'false', reason: 'NameserversNotChanged', message: 'set them' });
    expect(toProgress(waiting)).toEqual({ state: 'waits', text: 'zone: set them (NameserversNotChanged)' });
  });

  test('tells what else happened', () => {
    expect(toProgress(event({ type: 'port.replaced', message: 'port 3100 was taken' }))).toEqual({
      state: 'note',
      text: 'port 3100 was taken',
    });
  });

  test.each([
    [
      'that one aspect waits for another',
      event({ aspect: 'route', status: 'unknown', reason: 'Waiting', message: 'x' }),
    ],
    ['policies, of which the demo has none', event({ aspect: 'policy', status: 'true' })],
    ['what says nothing', event({ aspect: 'connector', status: 'unknown', reason: 'ConnectorStarting' })],
    ['an order that was accepted', event({ type: 'order.accepted', message: 'x' })],
  ])('leaves out %s', (_, left) => {
    expect(toProgress(left)).toBeUndefined();
  });
});
