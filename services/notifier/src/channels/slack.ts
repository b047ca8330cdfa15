import type { Clock } from '@berth/shared/runtime/clock';
import type { Secret } from '@berth/shared/runtime/secret';
import { within } from '@berth/shared/runtime/within';
import { request } from 'undici';
import { parseRetryAfter } from '../adapters/retry-after.ts';
import { notice } from '../notices/notice.ts';
import type { Answer, Channel } from './channel.ts';
import { PEOPLE_RETRY_MS } from './retry-tables.ts';
import { slackMessage } from './slack-blocks.ts';

interface Deps {
  url: Secret;
  clock: Pick<Clock, 'date'>;
  timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;

/** Slack's incoming webhook. Its address is the secret, so a delivery's target is only who reads there: `operators`. */
export function makeSlackChannel({ url, clock, timeoutMs = TIMEOUT_MS }: Deps): Channel {
  return {
    atOnce: 1,
    gapMs: 1000, // Slack takes one message a second
    retryMs: PEOPLE_RETRY_MS,
    async send(delivery, signal) {
      const { statusCode, headers, body } = await request(url.reveal(), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(slackMessage(notice.parse(delivery.payload))),
        signal: within(signal, timeoutMs),
      });
      await body.dump();
      const asked = headers['retry-after'];
      return toAnswer(statusCode, parseRetryAfter(Array.isArray(asked) ? asked[0] : asked, clock.date()));
    },
  };
}

/** A webhook that was revoked or a channel that is archived says 4xx, and will go on saying so. */
function toAnswer(code: number, retryAfterMs: number | undefined): Answer {
  if (code >= 200 && code < 300) return { kind: 'taken', code };
  const problem = `Slack answered ${code}`;
  if (code === 429 || code === 408 || code >= 500) return { kind: 'refused', code, problem, retryAfterMs };
  return { kind: 'rejected', code, problem: `${problem}: check SLACK_WEBHOOK_URL, then send it again` };
}
