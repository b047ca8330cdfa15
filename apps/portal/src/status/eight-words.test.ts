import type { SiteDetail } from '@berth/contract/site';
import { describe, expect, test } from 'vitest';
import { firstOpen, STALE_AFTER_MS, statusOf, wordOfSite } from './eight-words.ts';

const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00.000Z`;
const condition = (aspect: string, more: Partial<SiteDetail['conditions'][number]> = {}) => ({
  aspect,
  host: null,
  status: 'true' as const,
  reason: 'Fine',
  message: '',
  observedGeneration: 1,
  tries: 0,
  since: at(1),
  observedAt: at(2),
  nextLookAt: null,
  ...more,
});

const live = {
  state: 'online',
  createdAt: at(0),
  liveAt: at(1),
  goneAt: null,
  health: 'healthy',
  container: null,
  conditions: [condition('zone'), condition('reachable', { since: at(1) })],
} as unknown as SiteDetail;

const say = (site: Partial<SiteDetail>, more: { ageMs?: number } = {}) => {
  const nowMs = Date.parse(at(30));
  return statusOf({ site: { ...live, ...site }, readAtMs: nowMs - (more.ageMs ?? 0), nowMs });
};

describe('statusOf', () => {
  test('says online, and since when', () => {
    expect(say({})).toMatchObject({ word: 'online', reason: 'Healthy', since: at(1), checkedAt: at(2) });
  });

  test('knows nothing of a site that was read too long ago', () => {
    expect(say({}, { ageMs: STALE_AFTER_MS })).toMatchObject({ word: 'online' });
    expect(say({}, { ageMs: STALE_AFTER_MS + 1 })).toMatchObject({ word: 'unknown', reason: 'Stale' });
  });

  test('says unknown when nobody has looked for too long', () => {
    expect(say({ health: 'unknown' })).toMatchObject({ word: 'unknown' });
  });

  test('tells a site that nobody reaches from one that is not quite well', () => {
    expect(say({ health: 'unreachable' }).word).toBe('offline');
    expect(say({ health: 'unhealthy' }).word).toBe('degraded');
  });

  test('names what a site waits for before it is live', () => {
    const zone = condition('zone', {
      status: 'false',
      reason: 'NameserversNotChanged',
      message: 'set them',
      since: at(5),
    });
    const status = say({ state: 'waiting', liveAt: null, health: null, conditions: [zone] });
    expect(status).toMatchObject({
      word: 'waiting',
      reason: 'NameserversNotChanged',
      message: 'set them',
      since: at(5),
    });
  });

  test('says maintenance in place of what is announced to be wrong', () => {
    expect(say({ health: 'unreachable', inMaintenance: true }).word).toBe('maintenance');
  });

  test('says that a site leaves, and that it has gone', () => {
    expect(say({ state: 'leaving' })).toMatchObject({ word: 'working', reason: 'Leaving' });
    expect(say({ state: 'gone', goneAt: at(9) })).toMatchObject({ word: 'offline', reason: 'Gone', since: at(9) });
  });
});

describe('wordOfSite', () => {
  const list = (site: Partial<SiteDetail>) => wordOfSite({ ...live, inMaintenance: false, ...site });

  test('says a state as a list has it', () => {
    expect(list({})).toBe('online');
    expect(list({ state: 'leaving' })).toBe('working');
  });

  test('says maintenance of what is live, and of nothing else', () => {
    expect(list({ state: 'degraded', inMaintenance: true })).toBe('maintenance');
    expect(list({ state: 'waiting', liveAt: null, inMaintenance: true })).toBe('waiting');
    expect(list({ state: 'gone', inMaintenance: true })).toBe('offline');
  });
});

describe('firstOpen', () => {
  test('passes over those that only wait for another', () => {
    const waits = condition('route', { status: 'false', reason: 'Waiting' });
    const fails = condition('container', { status: 'false', reason: 'ImageNotFound' });
    expect(firstOpen({ conditions: [waits, fails] })?.reason).toBe('ImageNotFound');
    expect(firstOpen({ conditions: [waits] })?.reason).toBe('Waiting');
  });
});
