import type { Database, Statement } from './database.ts';
import { isUuid } from './uuid.ts';

// What is whose: a customer who signed in by an address sees what belongs to the customers with that address, and nothing else.

const OWN = `customer_id in (select id from customers where lower(email) = $1 and email <> '')`;

/** $1 address, $2 key; of the one that `findSite` finds */
const site: Statement = {
  name: 'owners-site',
  text: `select 1 from (select customer_id from sites where key = $2 order by gone_at desc nulls first, created_at desc limit 1) s where ${OWN}`,
};

const order: Statement = { name: 'owners-order', text: `select 1 from orders where external_id = $2 and ${OWN}` };

const operation: Statement = {
  name: 'owners-operation',
  text: `select 1 from operations op join sites s on s.id = op.site_id where op.id = $2 and ${OWN}`,
};

/** Whether a site is a customer's with this address. */
export async function ownsSite(db: Database, email: string, key: string): Promise<boolean> {
  return (await db.run(site, [email.toLowerCase(), key])).length > 0;
}

/** Whether an order is a customer's with this address. */
export async function ownsOrder(db: Database, email: string, orderId: string): Promise<boolean> {
  return (await db.run(order, [email.toLowerCase(), orderId])).length > 0;
}

/** Whether an operation is of a site of a customer with this address. */
export async function ownsOperation(db: Database, email: string, id: string): Promise<boolean> {
  return isUuid(id) && (await db.run(operation, [email.toLowerCase(), id])).length > 0;
}
