import type { Hint } from '../contracts/jobs.ts';
import { BerthError } from '../errors/berth-error.ts';
import type { Database } from './database.ts';
import { callWaitingWithin } from './waiting-sites.ts';

interface HostChange {
  state: 'ready' | 'draining';
  /** the API key that asks */
  requestedBy: string;
  causeId: string;
}

const MESSAGES = { ready: 'gets sites again', draining: 'gets no further sites' } as const;

/**
 * Says whether a host gets further sites. Placements that are being given at this moment come first: once this has returned, nothing
 * new is placed on a host that drains.
 * @returns whom to hint: sites that waited for a host
 * @throws BerthError `host.not-found`
 */
export async function changeHost(db: Database, hostId: string, change: HostChange): Promise<Hint[]> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ state: string }>('select state from hosts where id = $1 for no key update', [
      hostId,
    ]);
    const [host] = rows;
    if (!host) throw new BerthError('host.not-found', `there is no host ${hostId}`);
    if (host.state === change.state) return [];
    await client.query('update hosts set state = $2 where id = $1', [hostId, change.state]);
    await client.query(
      `insert into host_events (host_id, type, message, requested_by, cause_id) values ($1, $2, $3, $4, $5)`,
      [hostId, `host.${change.state}`, MESSAGES[change.state], change.requestedBy, change.causeId],
    );
    return change.state === 'ready' ? callWaitingWithin(client) : [];
  });
}
