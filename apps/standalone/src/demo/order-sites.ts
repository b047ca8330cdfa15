import type { BerthClient } from '@berth/example-order-system/berth-client';
import type { DemoCustomer } from './customers.ts';
import { forEachSome } from './for-each-some.ts';
import type { Terminal } from './terminal.ts';

/** What became of a customer's order. */
export interface DemoSite {
  customer: DemoCustomer;
  /** the site's key */
  key: string;
  /** it went live in an earlier demo */
  wasLive: boolean;
}

const AT_ONCE = 16;
/** Of more orders than this not every single one is told. */
const MOST_TOLD = 8;

/**
 * Posts the orders of all customers. The same orders are posted by each demo: Berth knows them by their ids.
 * @throws Refused
 */
export async function orderSites(
  customers: readonly DemoCustomer[],
  { berth, terminal }: { berth: BerthClient; terminal: Terminal },
): Promise<DemoSite[]> {
  let repeats = 0;
  const sites = await forEachSome(customers, AT_ONCE, async (customer): Promise<DemoSite> => {
    const { accepted, repeated } = await berth.placeOrder({
      orderId: `demo-${customer.id}`,
      customer: { id: customer.id, name: customer.name, email: customer.email },
      domain: customer.domain,
      image: 'berth-demo/site:1',
      licenseKey: `licence of ${customer.id}`,
    });
    const site = repeated ? await berth.getSite(accepted.site) : undefined;
    if (site && site.wanted !== 'running') throw new Error(`${customer.domain} was deleted since the last demo`);
    if (repeated) repeats += 1;
    if (customers.length <= MOST_TOLD) {
      terminal.step(customer.domain, repeated ? 'note' : 'done', sayAccepted(accepted.orderId, repeated, site?.liveAt));
    }
    return { customer, key: accepted.site, wasLive: Boolean(site?.liveAt) };
  });
  if (customers.length > MOST_TOLD) {
    const former = repeats > 0 ? `, ${repeats} of them as in an earlier demo` : '';
    terminal.step('all', 'done', `${sites.length} orders accepted${former}`);
  }
  return sites;
}

function sayAccepted(orderId: string, repeated: boolean, liveAt: string | null | undefined): string {
  if (!repeated) return `order ${orderId} accepted`;
  const since = liveAt ? `, live since ${liveAt.slice(0, 19).replace('T', ' ')} UTC` : ', not live yet';
  return `order ${orderId} posted once more, answered as before${since}`;
}
