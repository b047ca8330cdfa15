import type { NewDelivery } from '@berth/shared/store/deliveries';
import type { EndpointTrouble } from '@berth/shared/store/endpoint-troubles';
import { endpointNotice } from '../notices/endpoint-notice.ts';
import type { OperatorPlace } from './tell-operators.ts';

/** A delivery to each place where operators read: that one switched itself off is told once, that messages are given up once a day. */
export function tellEndpoint(trouble: EndpointTrouble, places: readonly OperatorPlace[]): NewDelivery[] {
  const digits = trouble.at.replaceAll(/\D/g, '');
  const which = trouble.kind === 'off' ? digits : digits.slice(0, 8);
  return places.map(({ channel, target }) => ({
    messageId: `endpoint_${trouble.endpointId.replaceAll('-', '')}_${trouble.kind}_${which}`,
    kind: `endpoint.${trouble.kind}`,
    channel,
    target,
    siteId: null,
    payload: endpointNotice(trouble),
  }));
}
