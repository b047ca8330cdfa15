import type { Database, Statement } from './database.ts';
import { insertDeliveries, type NewDelivery } from './deliveries.ts';

/** Somebody has asked for a mail to sign in by, and it isn't written yet. */
export interface MailWish {
  id: string;
  email: string;
}

const KIND = 'sign-in-wish';

/** $1 address, $2 how long it's good for in ms. The same for every address: how long it takes tells nothing. */
const store: Statement = {
  name: 'mail-wishes-store',
  text: `insert into verifications (identifier, value, expires_at) values ('${KIND}:' || gen_random_uuid(), $1, now() + $2::float8 * interval '1 ms')
  returning id, value as email`,
};

/** $1 ms after which whoever was to write it has given up. Taking one gives it as long again. */
const take: Statement = {
  name: 'mail-wishes-take',
  text: `update verifications set updated_at = now() where id = (
    select id from verifications where identifier like '${KIND}:%' and expires_at > now()
      and updated_at <= now() - $1::float8 * interval '1 ms' order by created_at limit 1 for update skip locked)
  returning id, value as email`,
};

const end: Statement = { name: 'mail-wishes-end', text: 'delete from verifications where id = $1' };

/** Keeps that a mail is wanted, so that it's written although the process ends. */
export async function storeMailWish(db: Database, email: string, validMs: number): Promise<MailWish> {
  const [row] = await db.run<MailWish & Record<string, unknown>>(store, [email, validMs]);
  if (!row) throw new Error('the wish was not stored');
  return row;
}

/** The oldest wish that nobody has fulfilled for so long; nobody else gets it meanwhile. */
export async function takeMailWish(db: Database, idleMs: number): Promise<MailWish | undefined> {
  return (await db.run<MailWish & Record<string, unknown>>(take, [idleMs]))[0];
}

/** Stores the mail of a wish, once: both, or nothing of it. @param mail undefined: none is to be sent */
export async function endMailWish(db: Database, { id }: MailWish, mail: NewDelivery | undefined): Promise<void> {
  await db.transaction(async (client) => {
    const { rowCount } = await client.query({ ...end, values: [id] });
    if (rowCount === 1 && mail) await insertDeliveries(client, [mail]);
  });
}
