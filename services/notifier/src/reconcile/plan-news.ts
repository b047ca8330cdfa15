import type { WebhookEvent } from '@berth/contract/webhook-events';
import { actorOf } from '@berth/shared/domain/waiting-reasons';
import type { NewDelivery } from '@berth/shared/store/deliveries';
import type { NewsEvent, Subscriber } from '@berth/shared/store/news';

/** What is told of an event: the message, and an id that is its own. */
export interface Told {
  messageId: string;
  event: WebhookEvent;
}

/** Reasons for which an order doesn't get live although nothing is missing but an image that works. */
const ORDER_FAILED = new Set([
  'ContainerUnhealthy',
  'ImageNotFound',
  'ImageAccessDenied',
  'ImageNotAllowed',
  'ImageRefused',
  'NoRelease',
]);

/** A delivery to each endpoint that wants what is told of an event. */
export function planNews(event: NewsEvent, to: readonly Subscriber[]): NewDelivery[] {
  return tellOf(event).flatMap(({ messageId, event: told }) =>
    to
      .filter(({ eventTypes }) => eventTypes.length === 0 || eventTypes.includes(told.type))
      .map(({ id }) => ({
        messageId,
        kind: told.type,
        channel: 'webhook',
        target: id,
        siteId: event.siteId,
        payload: told,
      })),
  );
}

/** What the order system is told of an event of a site; nothing of most, and of a site that it didn't order. */
export function tellOf(event: NewsEvent): Told[] {
  if (event.orderId === '') return [];
  const timestamp = event.at;
  const about = aboutSite(event);
  const own = (told: WebhookEvent): Told[] => [{ messageId: `evt_${plain(event.id)}`, event: told }];
  switch (event.type) {
    case 'order.accepted':
    case 'site.gone':
      return own({ type: event.type, timestamp, data: about });
    case 'order.live':
      return own({ type: 'order.live', timestamp, data: { ...about, url: `https://${event.domain}` } });
    case 'deletion.requested':
      return event.wasLive ? [] : own({ type: 'order.canceled', timestamp, data: about });
    case 'release.failed':
      return own({
        type: 'release.failed',
        timestamp,
        data: { ...about, release: Number(event.data.release ?? event.release), ...why(event) },
      });
    case 'site.down':
      return own({
        type: 'site.down',
        timestamp,
        data: { ...about, aspect: event.aspect ?? '', ...why(event), maintenance: event.maintenance },
      });
    case 'site.recovered':
      return own({ type: 'site.recovered', timestamp, data: { ...about, ...recovery(event) } });
    case 'condition.changed':
      return event.wanted === 'deleted' ? [] : [...orderFailed(event), ...actionRequired(event)];
    default:
      return [];
  }
}

/** Said once for each release that didn't do. */
function orderFailed(event: NewsEvent): Told[] {
  if (event.wasLive || event.aspect !== 'container' || !ORDER_FAILED.has(event.reason ?? '')) return [];
  const { release, at: timestamp } = event;
  const data = { ...aboutSite(event), release, ...why(event) };
  return [
    { messageId: `ord_${plain(event.siteId)}_failed_${release}`, event: { type: 'order.failed', timestamp, data } },
  ];
}

function actionRequired(event: NewsEvent): Told[] {
  const actor = actorOf(event.reason ?? '');
  if (!actor) return [];
  const nameServers = event.reason === 'NameserversNotChanged' ? event.nameServers : [];
  const data = { ...aboutSite(event), actor, aspect: event.aspect ?? '', ...why(event), nameServers };
  return [{ messageId: `evt_${plain(event.id)}`, event: { type: 'site.action_required', timestamp: event.at, data } }];
}

function recovery({ aspect, message, downSince, data }: NewsEvent) {
  const restarts = typeof data.restarts === 'number' ? data.restarts : 0;
  return { aspect: aspect ?? '', message, since: downSince, restarts };
}

function aboutSite({ orderId, siteKey, customer, domain }: NewsEvent) {
  return { orderId, site: siteKey, customer, domain, path: `/v1/sites/${siteKey}` };
}

function why({ reason, message }: NewsEvent): { reason: string; message: string } {
  return { reason: reason ?? '', message };
}

/** A message's id is part of what is signed, between dots. */
function plain(uuid: string): string {
  return uuid.replaceAll('-', '');
}
