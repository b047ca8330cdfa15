import type { Database, Statement } from './database.ts';

/** How a customer is written to. */
export interface Contact {
  customer: string;
  name: string;
  email: string;
  language: 'en' | 'de';
  notify: boolean;
}

const COLUMNS = 'external_id as customer, name, email, language, notify';

const find: Statement = { name: 'customers-contact', text: `select ${COLUMNS} from customers where external_id = $1` };

/** $1 order system's id, $2 language, $3 whether to write at all */
const change: Statement = {
  name: 'customers-contact-change',
  text: `update customers set language = $2, notify = $3, updated_at = now() where external_id = $1 returning ${COLUMNS}`,
};

const own: Statement = {
  name: 'customers-own',
  text: `select 1 from customers where external_id = $2 and lower(email) = $1 and email <> ''`,
};

/** A customer by the order system's id. */
export async function findContact(db: Database, customer: string): Promise<Contact | undefined> {
  return (await db.run<Contact & Record<string, unknown>>(find, [customer]))[0];
}

export async function changeContact(
  db: Database,
  customer: string,
  { language, notify }: Pick<Contact, 'language' | 'notify'>,
): Promise<Contact | undefined> {
  return (await db.run<Contact & Record<string, unknown>>(change, [customer, language, notify]))[0];
}

/** Whether a customer has this address. */
export async function ownsCustomer(db: Database, email: string, customer: string): Promise<boolean> {
  return (await db.run(own, [email.toLowerCase(), customer])).length > 0;
}
