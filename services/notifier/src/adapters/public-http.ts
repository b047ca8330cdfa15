import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from '@berth/shared/domain/private-address';
import { notPublic, parseWebhookUrl } from '@berth/shared/domain/webhook-url';
import { BerthError } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';
import { Agent, request } from 'undici';
import { parseRetryAfter } from './retry-after.ts';

/** Posts JSON to a place of somebody else's. @throws when nothing was answered in time, or the address isn't one to send to */
export type PostJson = (
  url: string,
  message: { headers: Readonly<Record<string, string>>; body: string },
  signal: AbortSignal,
) => Promise<{ status: number; retryAfterMs: number | undefined }>;

interface Options {
  addresses: AddressGuard;
  now: () => Date;
  timeoutMs?: number;
  /** Asks for all addresses of a name; the machine's resolver when absent. */
  lookUp?: typeof lookUpAll;
}

const TIMEOUT_MS = 15_000;
/** Of an answer no more is read than this, and none of it is kept. */
const BODY_LIMIT = 64 * 1024;

/**
 * Makes the poster. Names are looked up when connecting, and only an address that may be used is connected to: the one that was judged
 * is the one that is used. Redirects aren't followed, and connections aren't kept.
 */
export function makePostJson({
  addresses,
  now,
  timeoutMs = TIMEOUT_MS,
  lookUp = lookUpAll,
}: Options): PostJson & { close(): Promise<void> } {
  const agentFor = (isPlain: boolean) =>
    new Agent({
      pipelining: 0,
      maxHeaderSize: 16 * 1024,
      connect: {
        timeout: timeoutMs,
        lookup: makeLookup(isPlain ? addresses.isAllowedPrivate : addresses.mayConnect, lookUp),
      },
    });
  const secured = agentFor(false);
  const plain = agentFor(true);

  const post: PostJson = async (text, { headers, body }, signal) => {
    const url = parseWebhookUrl(text, addresses);
    if (!url.ok) throw new BerthError('webhook.address-not-allowed', `the url ${url.problem}`);
    const ended = within(signal, timeoutMs);
    const response = await request(url.value, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Berth-Webhooks/1', ...headers },
      body,
      signal: ended,
      dispatcher: url.value.protocol === 'http:' ? plain : secured,
    });
    // The status is the answer; a body that never ends changes nothing about it.
    void response.body.dump({ limit: BODY_LIMIT, signal: ended }).catch(() => undefined);
    const { statusCode: status, headers: answered } = response;
    return { status, retryAfterMs: parseRetryAfter(firstOf(answered['retry-after']), now()) };
  };
  return Object.assign(post, {
    close: async () => {
      await Promise.all([secured.destroy(), plain.destroy()]);
    },
  });
}

function lookUpAll(
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
): void {
  lookup(hostname, { ...options, all: true }, callback);
}

/** Looks a name up, and gives back only those addresses that may be connected to. */
function makeLookup(isAllowed: (address: string) => boolean, lookUp: typeof lookUpAll): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, options, (error, found) => {
      if (error) return callback(error, []);
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (!first) {
        const why = notPublic(found[0]?.address ?? hostname);
        return callback(new BerthError('webhook.address-not-allowed', `${hostname}: ${why}`), []);
      }
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
