import type { PoolClient } from 'pg';
import { type HostWatched, whyUnwatched } from '../domain/host-state.ts';
import type { Statement } from './database.ts';
import { closeIncidents, openIncidents } from './incidents.ts';
import { HOST_HALVES } from './placing-sql.ts';

const KIND = 'host-unwatched';
/** A host that dies falls silent as a whole, within ten seconds: that is one incident, and no second one of its health-worker. */
const SILENT_SECONDS = 60;
/** So long a new host may take until all of its workers are there. */
const NEW_SECONDS = 300;

interface SeenHost extends HostWatched {
  id: string;
  /** an operator emptied it, and nothing is left on it */
  left: boolean;
  /** nobody looks after it, for so long that it isn't a matter of starting any more, though both of its halves are alive */
  unwatched: boolean;
  incident: boolean;
}

const read: Statement = {
  name: 'unwatched-hosts-read',
  text: `select h.id, ${HOST_HALVES},
    h.state = 'draining' and not exists (select from placements p where p.host_id = h.id and p.gone_at is null) as left,
    coalesce(h.lease_until > now() and h.connector_lease_until > now(), false)
      and coalesce(h.health_lease_until < now() - ${SILENT_SECONDS} * interval '1 s',
        h.registered_at < now() - ${NEW_SECONDS} * interval '1 s') as unwatched,
    exists (select from incidents i where i.host_id = h.id and i.kind = '${KIND}' and i.site_id is null and i.closed_at is null) as incident
  from hosts h order by h.id`,
};

const tell: Statement = {
  name: 'unwatched-hosts-tell',
  text: 'insert into host_events (host_id, type, message) values ($1, $2, $3)',
};

/**
 * Opens an incident for each host whose sites nobody looks after, and closes it when that is over. A host that is down has said enough
 * by that: what was open stays so until its health-worker is back. To be called by one process at a time.
 */
export async function watchUnwatched(client: PoolClient): Promise<void> {
  const hosts = (await client.query<SeenHost>(read)).rows;
  for (const host of hosts) {
    const message = whyUnwatched(host);
    if (host.unwatched && !host.incident && !host.left && message !== undefined) {
      const incident = {
        kind: KIND,
        hostId: host.id,
        siteId: null,
        aspect: null,
        reason: 'HealthWorkerSilent',
        message,
      };
      await openIncidents(client, [{ ...incident, data: {} }]);
      await client.query({ ...tell, values: [host.id, 'host.unwatched', message] });
    }
    if (host.incident && (message === undefined || host.left)) {
      await closeIncidents(client, [{ siteId: null, hostId: host.id, kind: KIND }]);
      await client.query({
        ...tell,
        values: [host.id, 'host.watched', 'somebody looks after its sites again, or it has none any more'],
      });
    }
  }
}
