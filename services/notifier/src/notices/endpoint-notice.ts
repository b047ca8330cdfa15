import type { EndpointTrouble } from '@berth/shared/store/endpoint-troubles';
import type { Notice } from './notice.ts';
import { formatTime } from './spans.ts';

/** What operators are told of a webhook endpoint; of its URL only the host, since the rest may hold a secret. */
export function endpointNotice({ kind, endpointId, url, description, why, at, givenUp }: EndpointTrouble): Notice {
  const host = URL.canParse(url) ? new URL(url).host : 'an endpoint';
  const isOff = kind === 'off';
  const count = givenUp === 1 ? 'a message was' : `${givenUp} messages were`;
  return {
    language: 'en',
    tone: 'warning',
    title: isOff ? `Webhooks to ${host} are switched off` : `Webhooks to ${host}: ${count} given up`,
    text: isOff
      ? ['Nothing is sent there any more. Switch it on again with PATCH /v1/webhooks/<id> once it takes messages.']
      : ['What was given up can be sent again with POST /v1/deliveries/<id>/attempts.'],
    facts: [
      ['Why', why],
      [isOff ? 'Since' : 'Last', formatTime(at)],
      ['Endpoint', description === '' ? endpointId : `${description} (${endpointId})`],
    ],
    list: [],
    thread: null,
  };
}
