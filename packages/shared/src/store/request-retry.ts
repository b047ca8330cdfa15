import type { Hint } from '../contracts/jobs.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import { lockSite, type Requester } from './locked-site.ts';
import * as sql from './protocol-sql.ts';

/**
 * Has one aspect of a site looked at now. It changes nothing of what is wanted: whatever is found is judged as ever.
 * @returns whom to hint
 * @throws BerthError `site.not-found`, `condition.not-found`
 */
export async function requestRetry(
  db: Database,
  key: string,
  aspect: string,
  { causeId }: Pick<Requester, 'causeId'>,
): Promise<Hint[]> {
  return db.transaction(async (client) => {
    const site = await lockSite(client, key);
    const { rows } = await client.query<{ id: string; queue: string }>({
      ...sql.wake,
      values: [site.id, [aspect], causeId],
    });
    if (rows.length === 0) throw new BerthError('condition.not-found', `site ${key} has nothing called ${aspect}`);
    await client.query(
      `with counted as (update sites set event_seq = event_seq + 1, updated_at = now() where id = $1 returning event_seq)
      insert into site_events (site_id, seq, type, aspect, message, cause_id)
      select $1, event_seq, 'retry.requested', $2, $3, $4 from counted`,
      [site.id, aspect, `${aspect} is looked at now`, causeId],
    );
    return rows.map((row) => ({ conditionId: row.id, queue: row.queue }));
  });
}
