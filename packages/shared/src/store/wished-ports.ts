import type { PoolClient } from 'pg';
import { BerthError } from '../errors/berth-error.ts';
import type { LockedSite } from './locked-site.ts';
import { OPEN_PORT, READY } from './placing-sql.ts';

/** The port that a request wishes for, and the environment whose range it lies in. */
export interface WishedPort {
  port: number;
  environment: 'production' | 'staging';
}

interface PortRow {
  host: string;
  open: boolean;
  holder: string | null;
  free_in_ms: number | null;
}

/** $1 port: as it stands on every host that is ready */
const LOOK = `select a.host_id as host, ${OPEN_PORT} as open, s.key as holder,
    extract(epoch from greatest(a.rest_until, a.occupied_until) - now())::float8 * 1000 as free_in_ms
  from port_allocations a join hosts h on h.id = a.host_id
    left join placements p on p.id = a.placement_id left join sites s on s.id = p.site_id
  where a.port = $1 and a.pool <> 'retired' and ${READY} order by 2 desc, 4 nulls last`;

/**
 * Says at once that a port can't be had now; who asks at the same moment may still be quicker, and then the placement says so. While no
 * host is ready nothing is known, and the wish stands.
 * @throws BerthError `port.taken`
 */
export async function refuseTakenPort(client: PoolClient, { port }: WishedPort): Promise<void> {
  const { rows } = await client.query<PortRow>(LOOK, [port]);
  const [best] = rows;
  if (!best || best.open) return;
  const why = best.holder
    ? `is taken by site ${best.holder} on host ${best.host}`
    : 'was in use a moment ago and rests';
  throw new BerthError('port.taken', `port ${port} ${why}; wish for another one, or for none`, {
    ...(best.free_in_ms !== null && { retryAfterMs: Math.max(1000, best.free_in_ms) }),
  });
}

/**
 * What a request wishes of a site that is there: the port that it has, or another one as long as it has none.
 * @throws BerthError `port.mismatch`, `port.taken`
 */
export async function wishPort(client: PoolClient, site: LockedSite, wish: WishedPort): Promise<void> {
  if (site.port === wish.port) return;
  if (site.port !== null) {
    throw new BerthError(
      'port.mismatch',
      `site ${site.key} has port ${site.port}; leave the port out, or say that one`,
    );
  }
  if (site.wished_port === wish.port) return;
  await refuseTakenPort(client, wish);
  await client.query('update sites set wished_port = $2, environment = $3 where id = $1', [
    site.id,
    wish.port,
    wish.environment,
  ]);
}
