import { aspectsOf } from '../domain/parts.ts';
import type { Database, Statement } from './database.ts';
import { isUuid } from './uuid.ts';

/** An operation as it was asked for, with what fulfils it. */
export interface ReadOperation {
  id: string;
  kind: 'order' | 'restart' | 'deploy' | 'confirm' | 'delete' | 'create-tunnel' | 'delete-tunnel';
  target: string | null;
  siteKey: string;
  siteId: string;
  createdAt: string;
  wanted: 'running' | 'suspended' | 'deleted';
  wasLive: boolean;
  isGone: boolean;
  zoneReady: boolean;
  wantsTunnel: boolean;
  /** it was reached through the tunnel that the site has now */
  tunnelReached: boolean;
  /** nothing of the tunnel is left */
  tunnelGone: boolean;
  /** of a deploy's release */
  releaseOutcome: string | null;
  /** of a restart: every placement has done it */
  restarted: boolean;
}

const read: Statement = {
  name: 'read-operations-one',
  text: `select op.id, op.kind, op.target, s.key as "siteKey", s.id as "siteId",
    to_char(op.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "createdAt", s.wanted,
    s.live_at is not null as "wasLive", s.gone_at is not null as "isGone",
    exists (select from site_conditions c where c.site_id = s.id and c.aspect = 'zone' and c.status = 'true') as "zoneReady",
    s.wants_tunnel as "wantsTunnel",
    exists (select from site_conditions c where c.site_id = s.id and c.aspect = 'reachable' and c.reached_at is not null
      and c.gone_at is null) as "tunnelReached",
    not exists (select from site_conditions c where c.site_id = s.id and c.aspect = any($2::text[]) and c.gone_at is null) as "tunnelGone",
    (select r.outcome from releases r where r.site_id = s.id and r.number = op.number and op.kind = 'deploy') as "releaseOutcome",
    op.kind = 'restart' and coalesce((select bool_and(
        case op.target when 'tunnel' then p.tunnel_restart_done else p.container_restart_done end >= op.number)
      from placements p where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null), false) as restarted
  from operations op join sites s on s.id = op.site_id where op.id = $1`,
};

export async function findOperation(db: Database, id: string): Promise<ReadOperation | undefined> {
  if (!isUuid(id)) return undefined;
  return (await db.run<ReadOperation>(read, [id, aspectsOf('tunnel')]))[0];
}
