import { createHash } from 'node:crypto';
import { actorOf } from '@berth/shared/domain/waiting-reasons';
import type { CustomerOutage, CustomerSite, NameServerReminder } from '@berth/shared/store/customer-mail';
import type { NewDelivery } from '@berth/shared/store/deliveries';
import type { NewsEvent } from '@berth/shared/store/news';
import { type CustomerNews, customerNotice } from '../notices/customer-notice.ts';

/** Days after which a customer is reminded of name servers; Cloudflare forgets a zone that is pending for 28. */
export const REMINDER_DAYS: readonly number[] = [1, 3, 7, 14, 21, 26];

/** So long a site is down before its customer is told. */
export const OUTAGE_AFTER_MS = 10 * 60_000;

/** What a customer is told of an event of their site, if they wish to be. */
export function tellCustomer(event: NewsEvent): NewDelivery[] {
  if (!event.notify || event.wanted === 'deleted') return [];
  const to = { ...event, domain: event.domainUnicode };
  if (event.type === 'order.live') return [mail(to, 'live', { kind: 'customer.live' })];
  if (event.type !== 'condition.changed' || actorOf(event.reason ?? '') !== 'customer') return [];
  if (event.reason === 'NameserversNotChanged') return nameServersOf(to, event.nameServers);
  if (event.reason === 'DnssecActive') return [mail(to, 'signed', { kind: 'customer.signed' })];
  // The same trouble is told once a day at most.
  const which = `${event.reason}_${event.at.slice(0, 10)}`.toLowerCase();
  return [mail(to, which, { kind: 'customer.action-required', message: event.message })];
}

/** The same name servers are told once. */
function nameServersOf(to: CustomerSite, nameServers: readonly string[]): NewDelivery[] {
  if (nameServers.length === 0) return [];
  const which = createHash('sha256')
    .update([...nameServers].sort().join(' '))
    .digest('hex')
    .slice(0, 12);
  return [mail(to, `ns_${which}`, { kind: 'customer.name-servers', nameServers, reminder: false })];
}

/** That a customer's site is down, or online again. */
export function tellOutage(outage: CustomerOutage): NewDelivery {
  const which = outage.since.replaceAll(/\D/g, '');
  return outage.down
    ? mail(outage, `down_${which}`, { kind: 'customer.down', since: outage.since })
    : mail(outage, `recovered_${which}`, { kind: 'customer.recovered', lastedMs: outage.lastedMs });
}

/** That name servers haven't been set yet. */
export function tellReminder(reminder: NameServerReminder): NewDelivery {
  const { nameServers, day } = reminder;
  return mail(reminder, `ns_day_${day}`, { kind: 'customer.name-servers', nameServers, reminder: true });
}

function mail(to: CustomerSite, which: string, news: CustomerNews): NewDelivery {
  return {
    messageId: `site_${to.siteId.replaceAll('-', '')}_${which}`,
    kind: news.kind,
    channel: 'email',
    target: to.customerEmail,
    siteId: to.siteId,
    payload: customerNotice(to, news),
  };
}
