import { describe, expect, test } from 'vitest';
import { doneSteps } from './domain-steps.ts';

const conditions = (...aspects: string[]) =>
  aspects.map((aspect) => ({ aspect, status: 'true' })) as unknown as Parameters<typeof doneSteps>[0]['conditions'];
const ordered = { nameServers: [], zoneActiveAt: null, conditions: conditions(), liveAt: null };

describe('doneSteps', () => {
  test('goes up step by step', () => {
    const nameServers = ['ada.ns.example', 'finn.ns.example'];
    expect(doneSteps(ordered)).toBe(1);
    expect(doneSteps({ ...ordered, nameServers })).toBe(2);
    expect(doneSteps({ ...ordered, nameServers, conditions: conditions('zone') })).toBe(3);
    expect(doneSteps({ ...ordered, nameServers, conditions: conditions('zone', 'container', 'connector') })).toBe(4);
    expect(doneSteps({ ...ordered, liveAt: '2026-03-01T10:00:00Z' })).toBe(5);
  });

  test('has nothing done before what comes earlier', () => {
    expect(doneSteps({ ...ordered, conditions: conditions('container', 'connector') })).toBe(1);
  });
});
