import type { Sighting } from '@berth/edge/sighting';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import { describe, expect, test } from 'vitest';
import { isDueForEdge } from './due-for-edge.ts';
import { seeEdge } from './see-edge.ts';

const look = (sighting: Sighting, hostname = 'example.de') => ({ hostname, sighting, latencyMs: 40 });
const proven = look({ kind: 'proven' });
const notProven = (status: number, edgeCode?: number): Sighting => ({ kind: 'not-proven', status, edgeCode });

describe('seeEdge', () => {
  test.each<[string, Sighting, object]>([
    ['proven', { kind: 'proven' }, { outcome: 'healthy', latencyMs: 40 }],
    ['a page that fails', { kind: 'failing', status: 502 }, { outcome: 'unhealthy', reason: 'BadStatus', code: 502 }],
    ['a tunnel without a connection', notProven(530, 1033), { reason: 'TunnelNotConnected', code: 530 }],
    ['a name that leads nowhere', notProven(530, 1016), { reason: 'RouteNotEffective' }],
    ["somebody else's answer", notProven(200), { outcome: 'unhealthy', reason: 'NotOurConnector', code: 200 }],
    ['a name that leads past Cloudflare', { kind: 'leads-past' }, { reason: 'RouteNotEffective' }],
    ['no certificate', { kind: 'no-certificate' }, { reason: 'CertificateMissing' }],
    ['nobody', { kind: 'unreachable', why: 'timeout' }, { outcome: 'unreachable', reason: 'EdgeUnreachable' }],
  ])('%s', (_, sighting, expected) => {
    expect(seeEdge([proven, look(sighting, 'www.example.de')], 'active')).toMatchObject(expected);
  });

  test('a zone that has left is the reason of what fails', () => {
    expect(seeEdge([look(notProven(530, 1016))], 'moved')).toMatchObject({
      outcome: 'unreachable',
      reason: 'ZoneMoved',
    });
    expect(seeEdge([look({ kind: 'no-certificate' })], 'deleted')).toMatchObject({ reason: 'ZoneDeleted' });
  });

  test('a zone that has left fails, though the edge itself still answers', () => {
    expect(seeEdge([proven], 'moved')).toMatchObject({
      outcome: 'unreachable',
      reason: 'ZoneMoved',
      error: 'the zone has left Cloudflare, and visitors are led elsewhere',
    });
  });
});

describe('isDueForEdge', () => {
  const EVERY = 300_000;
  const target = (placementId: string, more: object = {}) =>
    ({
      placementId,
      live: true,
      serving: true,
      connector: { reached: true },
      standings: { edge: { outcome: 'healthy', checkedAt: 0 } },
      ...more,
    }) as unknown as HealthTarget;
  const id = (index: number) => `${(index * 7919).toString(16).padStart(8, '0')}-0000`;

  test('comes once in a turn, and not all at once', () => {
    const turns = Array.from({ length: 900 }, (_, index) => {
      for (let minute = 1; minute <= 5; minute += 1) {
        if (isDueForEdge(target(id(index)), minute * 60_000, EVERY)) return minute;
      }
      return 0;
    });
    const perMinute = [0, 1, 2, 3, 4, 5].map((minute) => turns.filter((turn) => turn === minute).length);
    expect(perMinute[0]).toBe(0);
    for (const count of perMinute.slice(1)) expect(count).toBeGreaterThan(100);
  });

  test('comes at every sweep while it fails, and at the first', () => {
    const failing = { standings: { edge: { outcome: 'unreachable', checkedAt: 59_000 } } };
    expect(isDueForEdge(target(id(1), failing), 60_000, EVERY)).toBe(true);
    expect(isDueForEdge(target(id(1), { standings: {} }), 60_000, EVERY)).toBe(true);
  });

  test('does not come for what never was live, does not serve, or has no tunnel', () => {
    const none = { standings: {} };
    for (const more of [{ live: false }, { serving: false }, { connector: null }, { connector: { reached: false } }]) {
      expect(isDueForEdge(target(id(1), { ...none, ...more }), 60_000, EVERY)).toBe(false);
    }
  });
});
