import type { FormerRecord, RouteRecord, RouteWish } from '@berth/shared/store/routes';
import { describe, expect, test } from 'vitest';
import { isEmpty, planRoute, planRouteEnd, routeComment, withoutExtras } from './plan-route.ts';
import type { ObservedRecord } from './route-access.ts';

const target = 'new.cfargotunnel.com';
const wish: RouteWish = {
  slug: 'abcdefghij',
  domain: 'example.com',
  wanted: 'running',
  cfZoneId: 'zone',
  nameServers: [],
  activeForMs: null,
  tunnelId: 'new',
  hostnames: ['example.com', 'www.example.com'],
  records: [],
  takenOver: false,
};
const record = (more: Partial<ObservedRecord>): ObservedRecord => ({
  id: 'r',
  type: 'A',
  name: 'example.com',
  content: '192.0.2.1',
  proxied: false,
  ttl: 300,
  comment: null,
  ...more,
});
const former = ({ id: _, ...rest }: ObservedRecord): FormerRecord => rest;
const row = (more: Partial<RouteRecord>): RouteRecord => ({
  hostname: 'example.com',
  recordId: null,
  content: target,
  cfZoneId: 'zone',
  replaced: [],
  ...more,
});
const ours = (more: Partial<ObservedRecord> = {}) =>
  record({
    id: 'ours',
    type: 'CNAME',
    content: target,
    proxied: true,
    ttl: 1,
    comment: routeComment(wish.slug),
    ...more,
  });
const www = ours({ id: 'www', name: 'www.example.com' });

describe('routeComment', () => {
  test("fits into Cloudflare's 100 characters and names nothing but the slug", () => {
    expect(routeComment('abcdefghij')).toBe('berth abcdefghij');
  });
});

describe('planRoute', () => {
  test('makes a proxied CNAME for each host name, apex first', () => {
    const { changes, replaces, intents } = planRoute(wish, [], target);
    expect(changes).toEqual({
      deletes: [],
      patches: [],
      posts: ['example.com', 'www.example.com'].map((name) => ({
        type: 'CNAME',
        name,
        content: target,
        proxied: true,
        ttl: 1,
        comment: 'berth abcdefghij',
      })),
    });
    expect(replaces).toBe(false);
    expect(intents).toEqual(wish.hostnames.map((hostname) => ({ hostname, replaced: [] })));
  });

  test('does nothing when its records are there', () => {
    const { changes, bound } = planRoute(wish, [ours(), www], target);
    expect(isEmpty(changes)).toBe(true);
    expect(bound).toEqual([
      { hostname: 'example.com', recordId: 'ours' },
      { hostname: 'www.example.com', recordId: 'www' },
    ]);
  });

  test.each([
    ['A', '192.0.2.1'],
    ['AAAA', '2001:db8::1'],
    ['CNAME', 'old.example.net'],
  ])('replaces a stranger’s %s of the host name and remembers the whole of it', (type, content) => {
    const stranger = record({ id: 's', type, content, ttl: 600, comment: 'theirs' });
    const { changes, intents, replaces } = planRoute(wish, [stranger, www], target);
    expect(changes.deletes).toEqual(['s']);
    expect(changes.posts).toHaveLength(1);
    expect(intents[0]).toEqual({ hostname: 'example.com', replaced: [former(stranger)] });
    expect(replaces).toBe(true);
  });

  test.each(['MX', 'TXT', 'CAA', 'SRV'])('never touches %s records of the host name', (type) => {
    const { changes, replaces } = planRoute(wish, [record({ type, content: 'x' }), ours(), www], target);
    expect(isEmpty(changes)).toBe(true);
    expect(replaces).toBe(false);
  });

  test('never touches other names', () => {
    const others = [record({ name: 'shop.example.com' }), record({ id: 'w', name: '*.example.com', type: 'CNAME' })];
    expect(isEmpty(planRoute(wish, [...others, ours(), www], target).changes)).toBe(true);
  });

  test.each(['www.example.com', 'example.com'])('says that an NS record hands %s away', (name) => {
    expect(planRoute(wish, [record({ type: 'NS', name, content: 'ns.example.net' })], target).delegated).toBe(name);
    const beside = record({ type: 'NS', name: 'dev.example.com', content: 'ns.example.net' });
    expect(planRoute(wish, [beside], target).delegated).toBeUndefined();
  });

  test('puts right what somebody changed about its record', () => {
    const known = { ...wish, records: [row({ recordId: 'ours' })] };
    for (const changed of [{ content: 'other.example.net' }, { proxied: false }]) {
      const { changes, replaces } = planRoute(known, [ours(changed), www], target);
      expect(changes).toEqual({ deletes: [], posts: [], patches: [{ id: 'ours', content: target, proxied: true }] });
      expect(replaces).toBe(false);
    }
  });

  test('takes a record for its own that was meant for the former tunnel and whose id was never told', () => {
    const known = { ...wish, records: [row({ content: 'old.cfargotunnel.com' })] };
    const { changes, intents, replaces } = planRoute(known, [ours({ content: 'old.cfargotunnel.com' }), www], target);
    expect(changes.patches).toEqual([{ id: 'ours', content: target, proxied: true }]);
    expect(intents[0]?.replaced).toEqual([]);
    expect(replaces).toBe(false);
  });

  test('keeps what it replaced while its own record stands', () => {
    const replaced = [former(record({}))];
    const known = { ...wish, records: [row({ recordId: 'ours', replaced })] };
    expect(planRoute(known, [ours(), www], target).intents[0]?.replaced).toEqual(replaced);
  });

  test('adds to what it is about to replace, as long as its own record was never made', () => {
    const first = record({ id: 's1' });
    const second = record({ id: 's2', content: '192.0.2.2' });
    const known = { ...wish, records: [row({ replaced: [former(first)] })] };
    expect(planRoute(known, [first, second], target).intents[0]?.replaced).toEqual([former(first), former(second)]);
  });

  test('remembers what somebody put in its place instead of what was there before', () => {
    const later = record({ id: 'later', content: '192.0.2.9' });
    const known = { ...wish, records: [row({ recordId: 'ours', replaced: [former(record({}))] })] };
    expect(planRoute(known, [later], target).intents[0]?.replaced).toEqual([former(later)]);
  });
});

describe('withoutExtras', () => {
  const changes = { deletes: ['ours'], patches: [], posts: [former(record({ tags: ['a:b'], settings: { x: true } }))] };

  test('leaves tags and settings out, and nothing else', () => {
    expect(withoutExtras(changes)).toEqual({ ...changes, posts: [former(record({}))] });
  });

  test('is nothing where there are none', () => {
    expect(withoutExtras({ ...changes, posts: [former(record({ comment: 'theirs' }))] })).toBeUndefined();
  });
});

describe('planRouteEnd', () => {
  const replaced = [former(record({})), former(record({ type: 'AAAA', content: '2001:db8::1' }))];
  const known = (more: Partial<RouteRecord> = {}) => ({
    ...wish,
    records: [row({ recordId: 'ours', replaced, ...more })],
  });

  test('takes its record away and puts the former ones back', () => {
    expect(planRouteEnd(known(), [ours()])).toEqual({ deletes: ['ours'], patches: [], posts: replaced });
  });

  test('finds its record by its content when its id was never told', () => {
    expect(planRouteEnd(known({ recordId: null }), [ours()]).deletes).toEqual(['ours']);
  });

  test('takes its record away that still points to the former tunnel', () => {
    const old = ours({ content: 'old.cfargotunnel.com' });
    expect(planRouteEnd(known(), [old])).toEqual({ deletes: ['ours'], patches: [], posts: replaced });
  });

  test('leaves a record alone that somebody pointed elsewhere', () => {
    expect(isEmpty(planRouteEnd(known(), [ours({ content: 'shop.example.net' })]))).toBe(true);
  });

  test('leaves what stands there by now', () => {
    expect(isEmpty(planRouteEnd(known(), [record({ id: 'theirs' })]))).toBe(true);
    expect(isEmpty(planRouteEnd(known({ replaced: [] }), []))).toBe(true);
  });

  test('never touches MX, TXT and the like', () => {
    const mail = record({ id: 'mx', type: 'MX', content: 'mail.example.com' });
    expect(planRouteEnd(known({ replaced: [] }), [mail, ours()]).deletes).toEqual(['ours']);
  });
});
