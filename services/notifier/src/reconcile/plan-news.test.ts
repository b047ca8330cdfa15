import { webhookEvents } from '@berth/contract/webhook-events';
import type { NewsEvent } from '@berth/shared/store/news';
import { describe, expect, test } from 'vitest';
import { planNews, tellOf } from './plan-news.ts';

const event = (more: Partial<NewsEvent>): NewsEvent => ({
  id: '0b0b0b0b-0000-4000-8000-000000000001',
  type: 'condition.changed',
  aspect: 'zone',
  status: 'false',
  reason: 'ZoneFound',
  message: 'a sentence',
  data: {},
  at: '2026-11-25T12:00:00.000Z',
  siteId: '0a0a0a0a-0000-4000-8000-000000000001',
  siteKey: 'customer_1',
  orderId: '1001',
  customer: 'customer_1',
  customerName: 'Erika Mustermann',
  customerEmail: 'erika@example.org',
  notify: false,
  language: 'en',
  domain: 'mustermann.de',
  domainUnicode: 'mustermann.de',
  wasLive: false,
  wanted: 'running',
  release: 1,
  nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
  maintenance: null,
  downSince: null,
  ...more,
});
const typesOf = (more: Partial<NewsEvent>) => tellOf(event(more)).map((told) => told.event.type);

describe('tellOf', () => {
  test.each<[string, Partial<NewsEvent>, string[]]>([
    ['an accepted order', { type: 'order.accepted' }, ['order.accepted']],
    ['a live one', { type: 'order.live' }, ['order.live']],
    ['a site that is gone', { type: 'site.gone' }, ['site.gone']],
    ['an order that is taken back', { type: 'deletion.requested' }, ['order.canceled']],
    ['no order that is taken back once it was live', { type: 'deletion.requested', wasLive: true }, []],
    ['a deploy that failed', { type: 'release.failed', data: { release: 2 } }, ['release.failed']],
    ['name servers to be set', { reason: 'NameserversNotChanged' }, ['site.action_required']],
    [
      'an image that is missing',
      { aspect: 'container', reason: 'ImageNotFound' },
      ['order.failed', 'site.action_required'],
    ],
    ['a container that is not healthy', { aspect: 'container', reason: 'ContainerUnhealthy' }, ['order.failed']],
    [
      'no such container of a site that was live',
      { aspect: 'container', reason: 'ContainerUnhealthy', wasLive: true },
      [],
    ],
    ['nothing of what passes by itself', { aspect: 'container', reason: 'ContainerStarting' }, []],
    ['nothing that a leaving site waits for', { reason: 'NameserversNotChanged', wanted: 'deleted' }, []],
    ['a site that is down', { type: 'site.down', aspect: 'container' }, ['site.down']],
    ['one that is well again', { type: 'site.recovered', data: { restarts: 2 } }, ['site.recovered']],
    ['nothing of a site that an operator made', { type: 'order.live', orderId: '' }, []],
    ['nothing of a restart', { type: 'restart.requested' }, []],
  ])('tells of %s', (_what, more, types) => {
    expect(typesOf(more)).toEqual(types);
    for (const { event: told } of tellOf(event(more))) expect(webhookEvents[told.type].parse(told)).toEqual(told);
  });

  test('names the name servers with the wait for them, and with nothing else', () => {
    const [told] = tellOf(event({ reason: 'NameserversNotChanged' }));
    expect(told?.event.data).toMatchObject({
      actor: 'customer',
      nameServers: ['ada.ns.cloudflare.com', 'bob.ns.cloudflare.com'],
    });
    const [other] = tellOf(event({ reason: 'ZoneAlreadyActive' }));
    expect(other?.event.data).toMatchObject({ actor: 'operator', nameServers: [] });
  });

  test('says once of each release that it failed', () => {
    const failed = (more: Partial<NewsEvent>) =>
      tellOf(event({ aspect: 'container', reason: 'ContainerUnhealthy', ...more }))[0]?.messageId;
    expect(failed({ id: '0b0b0b0b-0000-4000-8000-000000000002' })).toBe(failed({}));
    expect(failed({ release: 2 })).not.toBe(failed({}));
  });

  test('gives ids without a dot, which separates the parts of what is signed', () => {
    for (const told of tellOf(event({ aspect: 'container', reason: 'ImageNotFound' }))) {
      expect(told.messageId).toMatch(/^[a-z0-9_]+$/);
    }
  });
});

describe('planNews', () => {
  test('makes a delivery for each endpoint that wants the type', () => {
    const to = [
      { id: 'all', eventTypes: [] },
      { id: 'some', eventTypes: ['order.accepted'] },
      { id: 'other', eventTypes: ['order.live'] },
    ];
    const planned = planNews(event({ type: 'order.accepted' }), to);
    expect(planned.map(({ target }) => target)).toEqual(['all', 'some']);
    expect(new Set(planned.map(({ messageId }) => messageId)).size).toBe(1);
  });
});
