import type { ChannelKind } from '@berth/contract/delivery';
import type { AlertFacts } from '@berth/shared/store/alerts';
import type { NewDelivery } from '@berth/shared/store/deliveries';
import { alertNotice } from '../notices/alert-notice.ts';

/** Where operators read. */
export interface OperatorPlace {
  channel: ChannelKind;
  target: string;
}

/** A delivery of what is said of an alert to each place where operators read. */
export function tellOperators(alert: AlertFacts, places: readonly OperatorPlace[]): NewDelivery[] {
  const which = alert.saying === 'reminder' ? `reminder_${alert.reminders}` : alert.saying;
  return places.map(({ channel, target }) => ({
    messageId: `alert_${alert.id.replaceAll('-', '')}_${which}`,
    kind: `alert.${alert.saying}`,
    channel,
    target,
    siteId: null,
    payload: alertNotice(alert),
  }));
}
