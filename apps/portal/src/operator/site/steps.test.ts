import type { Condition, SiteEvent } from '@berth/contract/site';
import { describe, expect, test } from 'vitest';
import { toSteps } from './steps.ts';

const at = (second: number) => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
const condition = (aspect: string, status: Condition['status'], reason = 'Fine', observedAt: string | null = at(1)) =>
  ({ aspect, status, reason, observedAt }) as Condition;
const event = (aspect: string, status: string, reason: string, second: number) =>
  ({ type: 'condition.changed', aspect, status, reason, at: at(second) }) as SiteEvent;

describe('toSteps', () => {
  const nowMs = Date.parse(at(30));

  test('orders them as a site comes to be', () => {
    const steps = toSteps([condition('reachable', 'false', 'Waiting'), condition('zone', 'true')], [], nowMs);
    expect(steps.map((step) => [step.condition.aspect, step.state])).toEqual([
      ['zone', 'done'],
      ['reachable', 'pending'],
    ]);
  });

  test('counts from when it was worked on, not from when it waited, and not what came after it was true', () => {
    const events = [
      event('route', 'false', 'Waiting', 1),
      event('route', 'false', 'CertificatePending', 5),
      event('route', 'true', 'RoutesReady', 9),
      event('route', 'false', 'Lost', 20),
    ];
    expect(toSteps([condition('route', 'true')], events, nowMs)[0]?.tookMs).toBe(4000);
  });

  test('counts on while it is not true', () => {
    const events = [event('container', 'false', 'ImagePulling', 10)];
    expect(toSteps([condition('container', 'false', 'ImagePulling')], events, nowMs)[0]).toMatchObject({
      state: 'running',
      tookMs: 20_000,
    });
  });
});
