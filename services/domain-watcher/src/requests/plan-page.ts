import type { LoggedRequest } from '@berth/shared/domain/requests';
import { type AddressBits, shortenAddress } from '@berth/shared/domain/shorten-address';
import type { RequestSite } from '@berth/shared/store/request-log';
import type { SampledRequest } from './request-access.ts';

/** What of an answer is written down. */
export interface Page {
  requests: (LoggedRequest & { siteId: string })[];
  /** up to here the time is read, ISO 8601, excluded */
  until: string;
  /** there is more between `until` and the end of what was asked for */
  more: boolean;
  /** not all of the time up to `until` is in it */
  skipped: boolean;
}

interface Asked {
  to: string;
  limit: number;
  sites: readonly RequestSite[];
  keep: AddressBits;
}

const LONGEST_PATH = 1000;

/**
 * What is to be written down of a zone's answer: what belongs to a site of it, with addresses shortened. Of a full answer the last second
 * isn't whole: it is read again from there. One second that alone fills an answer is cut off.
 */
export function planPage(answer: readonly SampledRequest[], { to, limit, sites, keep }: Asked): Page {
  const last = answer.at(-1);
  const isFull = answer.length >= limit && last !== undefined;
  const isOneSecond = isFull && answer[0]?.at === last.at;
  const until = !isFull ? to : isOneSecond ? afterSecond(last.at) : last.at;
  const requests = answer
    .filter(({ at }) => at < until)
    .flatMap(({ address, ...request }) => {
      const site = sites.find(({ hosts, since }) => hosts.includes(request.host) && request.at >= since);
      if (!site) return [];
      return [{ ...request, path: shown(request.path), siteId: site.siteId, network: shortenAddress(address, keep) }];
    });
  return { requests, until, more: isFull && until < to, skipped: isOneSecond };
}

function afterSecond(at: string): string {
  return new Date(Date.parse(at) + 1000).toISOString();
}

/** Postgres keeps no NUL, and no half of a sign that is written as two, which a cut may leave. */
function shown(path: string): string {
  return path
    .replaceAll('\0', '')
    .slice(0, LONGEST_PATH)
    .replaceAll(/\p{Surrogate}/gu, '\ufffd');
}
