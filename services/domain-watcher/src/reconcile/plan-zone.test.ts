import type { KnownZone, ZoneWish } from '@berth/shared/store/zones';
import { describe, expect, test } from 'vitest';
import { isMadeFor, mayComeLate, needsLook, planZone, planZoneEnd } from './plan-zone.ts';

const zone = (more: Partial<KnownZone> = {}): KnownZone => ({
  id: 'row',
  cfZoneId: 'zone',
  name: 'shop.example',
  status: 'pending',
  nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
  originalNameServers: [],
  madeByUs: true,
  activeBefore: false,
  wasActive: false,
  told: true,
  mail: null,
  ageSeconds: 0,
  failsOutside: false,
  ...more,
});
const wish = (more: Partial<ZoneWish> = {}): ZoneWish => ({
  siteKey: 'customer_1',
  domain: 'shop.example',
  wanted: 'running',
  wasLive: false,
  allowed: false,
  intendedAt: null,
  intendedSeconds: null,
  heldByOther: false,
  shared: false,
  zone: zone(),
  ...more,
});
const active = zone({ status: 'active', wasActive: true });
const activeBefore = zone({ status: 'active', wasActive: true, madeByUs: false, activeBefore: true });

describe('planZone', () => {
  test.each<[title: string, given: Partial<ZoneWish>, mode: 'create' | 'find', step: string]>([
    ['looks for a zone that is not known', { zone: null }, 'create', 'find'],
    ['looks for a zone that is not known, in the mode find too', { zone: null }, 'find', 'find'],
    ['looks for another one when it is gone', { zone: zone({ status: 'deleted' }) }, 'create', 'find'],
    [
      'leaves it to a person once the site was live',
      { zone: zone({ status: 'deleted' }), wasLive: true },
      'create',
      'deleted-by-others',
    ],
    ['waits for the name servers', {}, 'create', 'wait-for-name-servers'],
    [
      'waits for a zone that is being set up',
      { zone: zone({ status: 'initializing' }) },
      'find',
      'wait-for-name-servers',
    ],
    ['says that it moved', { zone: zone({ status: 'moved', wasActive: true }) }, 'create', 'moved'],
    ['is content with an active zone that was made for the order', { zone: active }, 'create', 'active'],
    ['asks about one that was active before', { zone: activeBefore }, 'create', 'wait-for-confirmation'],
    [
      'asks about one that another customer had',
      { zone: active, heldByOther: true },
      'create',
      'wait-for-confirmation',
    ],
    ['goes on once it is allowed', { zone: activeBefore, heldByOther: true, allowed: true }, 'create', 'active'],
    ['does not ask in the mode find', { zone: activeBefore, heldByOther: true }, 'find', 'active'],
    ['does not ask before it is active', { heldByOther: true }, 'create', 'wait-for-name-servers'],
  ])('%s', (_, given, mode, step) => {
    expect(planZone(wish(given), mode)).toMatchObject({ kind: step });
  });
});

describe('needsLook', () => {
  test.each<[status: KnownZone['status'], ageSeconds: number, looks: boolean]>([
    ['active', 3599, false],
    ['active', 3600, true],
    ['pending', 3599, false],
    ['pending', 3600, true],
    ['moved', 299, false],
    ['moved', 300, true],
    ['deleted', 1_000_000, false],
  ])('asks again about what is %s for %i seconds: %s', (status, ageSeconds, looks) => {
    expect(needsLook(zone({ status, ageSeconds }))).toBe(looks);
  });

  test('asks again after a minute while the site does not answer through the edge', () => {
    expect(needsLook(zone({ status: 'active', ageSeconds: 59, failsOutside: true }))).toBe(false);
    expect(needsLook(zone({ status: 'active', ageSeconds: 60, failsOutside: true }))).toBe(true);
  });

  test('has nothing to ask about when no zone is known', () => {
    expect(needsLook(null)).toBe(false);
  });
});

describe('isMadeFor', () => {
  const intendedAt = new Date('2026-11-26T12:00:00Z');
  const found = (createdAt: string) => ({
    cfZoneId: 'z',
    name: 'shop.example',
    status: 'pending' as const,
    nameServers: [],
    originalNameServers: [],
    everActive: false,
    createdAt: new Date(createdAt),
  });

  test.each([
    ['made after the create was begun', '2026-11-26T12:00:01Z', true],
    ['made in the same moment, by a clock that is behind', '2026-11-26T11:59:30Z', true],
    ['that was there before', '2026-11-26T11:58:59Z', false],
    ['of which nobody says when it was made', '', false],
  ])('one %s', (_, createdAt, ours) => {
    expect(isMadeFor({ intendedAt }, found(createdAt))).toBe(ours);
  });

  test('none when no create was begun', () => {
    expect(isMadeFor({ intendedAt: null }, found('2026-11-26T12:00:01Z'))).toBe(false);
  });
});

describe('mayComeLate', () => {
  test.each([
    ['of a create that was sent a moment ago', 1, true],
    ['of a create that was sent long ago', 31, false],
    ['where no create was sent', null, false],
  ])('a zone %s', (_, intendedSeconds, late) => {
    expect(mayComeLate({ intendedSeconds })).toBe(late);
  });
});

describe('planZoneEnd', () => {
  test.each<[title: string, given: Partial<ZoneWish>, end: string]>([
    ['does nothing when none was made', { zone: null }, 'nothing'],
    ['looks for what a create may have made', { zone: null, intendedAt: new Date() }, 'find'],
    ['does nothing when it is gone', { zone: zone({ status: 'deleted' }) }, 'nothing'],
    ['removes what Berth made and nobody used', {}, 'remove-if-empty'],
    ['keeps what it did not make', { zone: zone({ madeByUs: false }) }, 'keep'],
    ['keeps what has been active', { zone: zone({ wasActive: true }) }, 'keep'],
    ['keeps what is active', { zone: active }, 'keep'],
    ['keeps what another site uses', { shared: true }, 'keep'],
  ])('%s', (_, given, end) => {
    expect(planZoneEnd(wish({ wanted: 'deleted', ...given })).kind).toBe(end);
  });
});
