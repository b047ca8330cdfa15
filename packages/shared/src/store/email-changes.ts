import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import { insertDeliveries, type NewDelivery } from './deliveries.ts';
import { iso } from './iso-time.ts';
import { readSubscribersOf, type Subscriber } from './news.ts';
import { hashOfLinkToken } from './users.ts';

/** An address in place of another, at a customer. */
export interface EmailChange {
  /** the order system's id */
  customer: string;
  name: string;
  language: 'en' | 'de';
  from: string;
  to: string;
}

const FOR = `identifier like 'email-change:%' and value::jsonb ->> 'customer'`;

/** Has a link with this token change a customer's address; former ones work no more. @returns until when */
export async function storeEmailChange(
  db: Database,
  {
    customer,
    from,
    to,
    token,
    validMs,
  }: Pick<EmailChange, 'customer' | 'from' | 'to'> & { token: string; validMs: number },
): Promise<string> {
  return db.transaction(async (client) => {
    await client.query(`delete from verifications where ${FOR} = $1`, [customer]);
    const { rows } = await client.query<{ expiresAt: string }>(
      `insert into verifications (identifier, value, expires_at) values ($1, $2, now() + $3::float8 * interval '1 ms')
      returning ${iso('expires_at')} as "expiresAt"`,
      [`email-change:${hashOfLinkToken(token)}`, JSON.stringify({ customer, from, to: to.toLowerCase() }), validMs],
    );
    return rows[0]?.expiresAt ?? '';
  });
}

/**
 * Makes the change of a link, once. Whoever has the former mailbox alone sees nothing of the customer any more. What is told of it is a row
 * in the same transaction.
 * @returns undefined when the link doesn't work (any more), also because the address has changed since
 * @throws BerthError `user.exists` when the address is of somebody who runs Berth; the link then goes on working
 */
export async function takeEmailChange(
  db: Database,
  token: string,
  tell: (change: EmailChange, to: readonly Subscriber[]) => readonly NewDelivery[],
): Promise<EmailChange | undefined> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<EmailChange>(
      `with taken as (delete from verifications where identifier = $1 and expires_at > now() returning value::jsonb as change)
      update customers set email = change ->> 'to', updated_at = now() from taken
      where external_id = change ->> 'customer' and email = change ->> 'from'
      returning external_id as customer, name, language, change ->> 'from' as "from", email as "to"`,
      [`email-change:${hashOfLinkToken(token)}`],
    );
    const [change] = rows;
    if (!change) return undefined;
    const operators = await client.query(`select from users where email = $1 and role <> 'customer'`, [change.to]);
    if (operators.rowCount) throw new BerthError('user.exists', `${change.to} belongs to somebody who runs Berth`);
    await client.query(
      `delete from sessions s using users u where u.id = s.user_id and u.email = lower($1) and u.role = 'customer'
      and not exists (select from customers c where lower(c.email) = lower($1))`,
      [change.from],
    );
    await insertDeliveries(client, tell(change, await readSubscribersOf(client, change.customer)));
    return change;
  });
}
