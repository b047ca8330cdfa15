import { withDeadline } from '@berth/contract/call-deadline';
import type { DemoSite } from './order-sites.ts';
import type { World } from './start-world.ts';

/** Mails of more customers than this would hide everything else that the demo says. */
const MOST_WRITTEN_TO = 3;
const TIMEOUT_MS = 10_000;

/** Has customers told by mail what happens to their sites, and the first one sent what the portal sends to who wants to sign in. */
export async function wishMails(
  { apiUrl, operatorKey }: Pick<World, 'apiUrl' | 'operatorKey'>,
  sites: readonly DemoSite[],
  signal: AbortSignal,
): Promise<void> {
  const ask = async (method: string, path: string, body: object, headers: Record<string, string>) => {
    const sent = { 'Content-Type': 'application/json', ...headers };
    const until = withDeadline(signal, TIMEOUT_MS);
    const response = await fetch(apiUrl + path, { method, headers: sent, body: JSON.stringify(body), signal: until });
    await response.text();
  };
  for (const { customer } of sites.slice(0, MOST_WRITTEN_TO)) {
    const path = `/v1/customers/${encodeURIComponent(customer.id)}/contact`;
    await ask('PUT', path, { language: 'en', notify: true }, { Authorization: `Bearer ${operatorKey}` });
  }
  const [first] = sites;
  // As from the portal's own page; a demo that was started often is refused, and goes on.
  if (first) await ask('POST', '/v1/sign-in/mails', { email: first.customer.email }, { Origin: apiUrl });
}
