import { domainToASCII } from 'node:url';

/** One of the demo's customers, with what was ordered. */
export interface DemoCustomer {
  id: string;
  name: string;
  email: string;
  /** as the customer writes it */
  domain: string;
  /** as DNS has it */
  host: string;
}

const named = [
  { id: 'customer_123', name: 'Erika Mustermann', email: 'erika@example.org', domain: 'mustermann.de' },
  { id: 'baeckerei_mueller', name: 'Bäckerei Müller', email: 'info@example.org', domain: 'bäckerei-müller.de' },
  { id: 'radhaus', name: 'Radhaus Nord', email: 'hallo@example.org', domain: 'radhaus-nord.com' },
] as const;

/** The first `count` customers: three with names (one of them with an umlaut domain), then numbered ones. */
export function demoCustomers(count: number): DemoCustomer[] {
  return Array.from({ length: count }, (_, index) => {
    const customer = named[index] ?? numbered(index + 1);
    return { ...customer, host: domainToASCII(customer.domain) };
  });
}

function numbered(number: number) {
  const id = `shop_${number}`;
  return { id, name: `Shop ${number}`, email: `shop${number}@example.org`, domain: `shop-${number}.de` };
}
