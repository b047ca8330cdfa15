import type { PoolClient } from 'pg';
import type { Hint } from '../contracts/jobs.ts';
import { type HostHalfSeen, stateOfHost } from '../domain/host-state.ts';
import type { Database, Statement } from './database.ts';
import { closeIncidents, openIncidents } from './incidents.ts';
import { HOST_HALVES, lost, READY } from './placing-sql.ts';
import { watchUnwatched } from './unwatched-hosts.ts';
import { callWaitingWithin } from './waiting-sites.ts';

const KIND = 'host-down';

/** Held for one transaction: of all processes one watches at a time. */
const lock: Statement = { name: 'watch-hosts-lock', text: 'select pg_try_advisory_xact_lock(726007) as got' };

interface WatchedHost {
  id: string;
  draining: boolean;
  containers: HostHalfSeen;
  connectors: HostHalfSeen;
  /** sites that it is to serve: those that have been live, and those that haven't yet */
  live: number;
  fresh: number;
  /** what is on it at all, with what went to another host and is still to be taken away here */
  placements: number;
  incident: boolean;
}

const read: Statement = {
  name: 'watch-hosts-read',
  text: `select h.id, h.state = 'draining' as draining, ${HOST_HALVES},
    count(s.id) filter (where p.wanted = 'serving' and s.live_at is not null)::int as live,
    count(s.id) filter (where p.wanted = 'serving' and s.live_at is null)::int as fresh, count(p.id)::int as placements,
    exists (select from incidents i where i.host_id = h.id and i.kind = '${KIND}' and i.site_id is null and i.closed_at is null) as incident
  from hosts h left join placements p on p.host_id = h.id and p.gone_at is null left join sites s on s.id = p.site_id
  group by h.id order by h.id`,
};

const tell: Statement = {
  name: 'watch-hosts-tell',
  text: 'insert into host_events (host_id, type, message) values ($1, $2, $3)',
};

/** $1 host: all that it should have is looked at once, fifty a second; what is already due stays so. */
const lookAtAll: Statement = {
  name: 'watch-hosts-look-at-all',
  text: `with there as (
    select c.id, row_number() over (order by c.id) as place from placements p join site_conditions c on c.placement_id = p.id
    where p.host_id = $1 and p.gone_at is null and c.gone_at is null
  ), held as (
    select c.id, there.place from there join site_conditions c on c.id = there.id order by c.id for update of c skip locked
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = least(coalesce(c.due_at, 'infinity'), now() + held.place * interval '20 ms')
  from held where c.id = held.id`,
};

/** $1 host: whoever looked for another place for its sites may stop doing so. */
const stopLooking: Statement = {
  name: 'watch-hosts-stop-looking',
  text: `with there as (
    select c.id from placements p join site_conditions c on c.site_id = p.site_id and c.aspect = 'placement'
    where p.host_id = $1 and p.gone_at is null and c.gone_at is null and c.reason = 'HostDown' order by c.id for update of c skip locked
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from there where c.id = there.id
  returning c.id as "conditionId", c.queue`,
};

/**
 * $1 seconds that a host has been down. The placements of its sites that haven't been live yet are looked at anew, as soon as another
 * host takes sites at all.
 */
const lookForOthers: Statement = {
  name: 'watch-hosts-look-for-others',
  text: `with lost as (
    select c.id from hosts h join placements p on p.host_id = h.id and p.wanted = 'serving' and p.gone_at is null
    join sites s on s.id = p.site_id and s.live_at is null and s.wanted = 'running'
    join site_conditions c on c.site_id = s.id and c.aspect = 'placement' and c.gone_at is null and c.status = 'true' and c.due_at is null
    where ${lost('$1')}
      and exists (select from hosts h where ${READY})
    order by c.id for update of c skip locked
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from lost where c.id = lost.id
  returning c.id as "conditionId", c.queue`,
};

/** What one look at the hosts found. */
export interface HostsWatched {
  /** hosts that are down since this look, with what their incident says */
  down: { hostId: string; message: string }[];
  /** hosts whose incident was closed: they're back, or nothing is left on them that is wanted */
  back: string[];
  hints: Hint[];
}

/**
 * Looks once at all hosts: opens an incident for each that fell silent and closes it when that is over, lets sites that haven't been live
 * yet be placed anew, and calls sites that wait for a place as many as there is room for.
 * @param downSeconds how long a host must have been down before its sites are placed anew
 * @returns undefined when another process is at it
 */
export async function watchHosts(db: Database, downSeconds: number): Promise<HostsWatched | undefined> {
  return db.transaction(async (client) => {
    const { rows } = await client.query<{ got: boolean }>(lock);
    if (!rows[0]?.got) return undefined;
    const hosts = (await client.query<WatchedHost>(read)).rows;
    const found = hosts.map((host) => ({ host, message: whyItMatters(host) }));
    const down = found.flatMap(({ host, message }) =>
      message !== undefined && !host.incident ? [{ host, hostId: host.id, message }] : [],
    );
    const back = found.flatMap(({ host, message }) => (message === undefined && host.incident ? [host.id] : []));
    await open(client, down);
    await watchUnwatched(client);
    const hints = await close(client, back);
    hints.push(...(await client.query<Hint>({ ...lookForOthers, values: [downSeconds] })).rows);
    hints.push(...(await callWaitingWithin(client)));
    return { down: down.map(({ hostId, message }) => ({ hostId, message })), back, hints };
  });
}

/** An emptied host that is switched off on purpose is nobody's concern. */
function whyItMatters(host: WatchedHost): string | undefined {
  const { state, reason, message } = stateOfHost(host);
  if (state !== 'down' || reason !== 'LeaseExpired' || (host.draining && host.placements === 0)) return undefined;
  const stay = `${host.live} live ${host.live === 1 ? 'site stays' : 'sites stay'} on it until it is back`;
  const move = `${host.fresh} that ${host.fresh === 1 ? 'was' : 'were'} not live yet go to other hosts`;
  return `${message}; ${stay}, ${move}`;
}

async function open(client: PoolClient, down: readonly { host: WatchedHost; message: string }[]): Promise<void> {
  const incidents = down.map(({ host, message }) => ({
    kind: KIND,
    hostId: host.id,
    siteId: null,
    aspect: null,
    reason: 'LeaseExpired',
    message,
    data: { live: host.live, fresh: host.fresh },
  }));
  await openIncidents(client, incidents);
  for (const { host, message } of down) await client.query({ ...tell, values: [host.id, 'host.down', message] });
}

async function close(client: PoolClient, back: readonly string[]): Promise<Hint[]> {
  await closeIncidents(
    client,
    back.map((hostId) => ({ siteId: null, hostId, kind: KIND })),
  );
  const hints: Hint[] = [];
  for (const hostId of back) {
    await client.query({
      ...tell,
      values: [hostId, 'host.back', 'gives signs of life again, or nothing is left on it'],
    });
    await client.query({ ...lookAtAll, values: [hostId] });
    hints.push(...(await client.query<Hint>({ ...stopLooking, values: [hostId] })).rows);
  }
  return hints;
}
