import { type Parsed, parsed, refused } from './parsed.ts';
import type { AddressGuard } from './private-address.ts';

/**
 * Whether webhooks may be sent to a URL, as far as it can be told without asking DNS: the address that a name stands for is judged
 * again when it is connected to.
 */
export function parseWebhookUrl(text: string, guard: AddressGuard): Parsed<URL> {
  if (!URL.canParse(text)) return refused('is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refused('must begin with https://');
  if (url.username !== '' || url.password !== '') return refused('must hold no user and password');
  const address = addressOf(url);
  if (address !== undefined && !guard.mayConnect(address)) return refused(notPublic(address));
  const isPlainAllowed = address === undefined ? guard.allowsPrivate : guard.isAllowedPrivate(address);
  if (url.protocol === 'http:' && !isPlainAllowed) return refused('must begin with https://');
  return parsed(url);
}

/** The address that a URL names itself, without a name to be looked up. */
export function addressOf(url: URL): string | undefined {
  const host = url.hostname;
  if (host.startsWith('[')) return host.slice(1, -1);
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host : undefined;
}

/** Why nothing is sent to an address. */
export function notPublic(address: string): string {
  return `${address} is not a public address; WEBHOOK_ALLOW_PRIVATE names those that may be used all the same`;
}
