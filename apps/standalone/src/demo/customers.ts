/** One of the demo's customers, with what was ordered. */
export interface DemoCustomer {
  id: string;
  name: string;
  email: string;
  domain: string;
}

const first: readonly DemoCustomer[] = [
  { id: 'customer_123', name: 'Erika Mustermann', email: 'erika@example.org', domain: 'mustermann.de' },
  { id: 'baeckerei_mueller', name: 'Bäckerei Müller', email: 'info@example.org', domain: 'bäckerei-müller.de' },
  { id: 'radhaus', name: 'Radhaus Nord', email: 'hallo@example.org', domain: 'radhaus-nord.com' },
];

/** The first `count` customers: three with names (one of them with an umlaut domain), then numbered ones. */
export function demoCustomers(count: number): DemoCustomer[] {
  const numbered = Array.from({ length: Math.max(0, count - first.length) }, (_, index) => {
    const number = index + first.length + 1;
    return {
      id: `shop_${number}`,
      name: `Shop ${number}`,
      email: `shop${number}@example.org`,
      domain: `shop-${number}.de`,
    };
  });
  return [...first, ...numbered].slice(0, count);
}
