import type { Hint } from '../contracts/jobs.ts';
import type { SiteWanted } from '../domain/aspects.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';

/** What a site's tunnel is decided from. */
export interface TunnelWish {
  siteKey: string;
  wanted: SiteWanted;
  tunnelId: string | null;
  tunnelSecretEnc: string | null;
  /** the secret that the tunnel had at Cloudflare before the site left a host which may still hold it; null when that is over */
  formerSecretEnc: string | null;
  proofSecretEnc: string | null;
}

const readTunnel: Statement = {
  name: 'tunnels-read',
  text: `select s.key as "siteKey", ${WANTED.tunnel} as wanted, s.tunnel_id as "tunnelId", s.tunnel_secret_enc as "tunnelSecretEnc",
    s.former_secret_enc as "formerSecretEnc", s.proof_secret_enc as "proofSecretEnc" from sites s where s.id = $1`,
};

/** The first secrets stay, whoever brings others later. */
const keepSecrets: Statement = {
  name: 'tunnels-keep-secrets',
  text: `update sites set tunnel_secret_enc = coalesce(tunnel_secret_enc, $2), proof_secret_enc = coalesce(proof_secret_enc, $3)
  where id = $1 returning tunnel_secret_enc as "tunnelSecretEnc"`,
};

/**
 * A tunnel that takes the place of another changes what its connector runs with, where the routes lead and what proves them, though
 * the condition stays true: so these are woken here. The site's row was locked by a statement before, so that a connector which was
 * added meanwhile is seen.
 */
const bind: Statement = {
  name: 'tunnels-bind',
  text: `with old as (
    select id, tunnel_id from sites where id = $1
  ), bound as (
    update sites s set tunnel_id = $2, updated_at = now() from old where s.id = old.id and old.tunnel_id is distinct from $2
    returning s.id, old.tunnel_id as former
  ), closed as (
    update customer_tunnels t set status = 'deleted', updated_at = now() from bound
    where t.tunnel_id = bound.former and t.status <> 'deleted'
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from bound
  where bound.former is not null and c.site_id = bound.id and c.aspect = any('{connector,route,reachable}'::text[])
    and c.gone_at is null`,
};

const close: Statement = {
  name: 'tunnels-close',
  text: `update customer_tunnels set status = 'deleted', updated_at = now() where site_id = $1 and status <> 'deleted'`,
};

/** $1 site, $2 the former secret; those who waited for its end are woken. */
const closeFormer: Statement = {
  name: 'tunnels-close-former',
  text: `with closed as (
    update sites set former_secret_enc = null, updated_at = now() where id = $1 and former_secret_enc = $2 returning id
  )
  update site_conditions c set wakes = c.wakes + 1, due_at = now() from closed
  where c.site_id = closed.id and c.aspect = any('{connector,reachable}'::text[]) and c.gone_at is null
  returning c.id as "conditionId", c.queue`,
};

/** What the connector of a placement is decided from. */
export interface ConnectorWish {
  siteKey: string;
  siteWanted: SiteWanted;
  placementWanted: 'serving' | 'draining' | 'gone';
  hostId: string;
  port: number;
  slot: number;
  accountId: string | null;
  tunnelId: string | null;
  tunnelSecretEnc: string | null;
  /** Cloudflare doesn't know that secret yet, or still has connections made with the one before */
  secretPending: boolean;
  proofSecretEnc: string | null;
  /** apex first */
  hostnames: string[];
  /** number of the restart that is wanted, that was begun, and that is done */
  restart: { wanted: number; started: number; from: string | null; done: number };
}

const HOSTNAMES = `(select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h
  where h.site_id = s.id and h.gone_at is null)`;

const readConnector: Statement = {
  name: 'tunnels-read-connector',
  text: `select s.key as "siteKey", ${WANTED.tunnel} as "siteWanted", p.wanted as "placementWanted",
    p.host_id as "hostId", p.port, p.slot,
    z.account_id as "accountId", s.tunnel_id as "tunnelId", s.tunnel_secret_enc as "tunnelSecretEnc",
    s.former_secret_enc is not null as "secretPending", s.proof_secret_enc as "proofSecretEnc", ${HOSTNAMES} as hostnames,
    json_build_object('wanted', s.tunnel_restart, 'started', p.tunnel_restart_started, 'from', p.tunnel_restart_from,
      'done', p.tunnel_restart_done) as restart
  from placements p join sites s on s.id = p.site_id left join zones z on z.id = s.zone_id where p.id = $1`,
};

const beginRestart: Statement = {
  name: 'tunnels-begin-restart',
  text: `update placements set tunnel_restart_started = $2, tunnel_restart_from = $3 where id = $1 and tunnel_restart_started < $2`,
};

const endRestart: Statement = {
  name: 'tunnels-end-restart',
  text: 'update placements set tunnel_restart_done = greatest(tunnel_restart_done, $2) where id = $1',
};

/** $1 placement, $2 configuration's path, $3 connected */
const recordConnector: Statement = {
  name: 'tunnels-record-connector',
  text: `insert into customer_tunnels as t (customer_id, order_id, tunnel_id, tunnel_name, domain, port, config_path, status, site_id, placement_id)
  select s.customer_id, s.order_id, s.tunnel_id, 'customer-' || s.key, s.domain, p.port, $2, case when $3 then 'active' else 'pending' end,
    s.id, p.id
  from placements p join sites s on s.id = p.site_id where p.id = $1 and s.tunnel_id is not null
  on conflict (tunnel_id) do update set port = excluded.port, config_path = excluded.config_path, placement_id = excluded.placement_id,
    status = case when $3 then 'active' when t.status = 'active' then 'inactive' else t.status end, updated_at = now()
  where t.port <> excluded.port or t.config_path <> excluded.config_path or t.placement_id is distinct from excluded.placement_id
    or t.status is distinct from case when $3 then 'active' when t.status = 'active' then 'inactive' else t.status end`,
};

const recordStopped: Statement = {
  name: 'tunnels-record-stopped',
  text: `update customer_tunnels set status = 'inactive', updated_at = now() where placement_id = $1 and status = 'active'`,
};

/** @throws when there is no such site */
export async function readTunnelWish(db: Database, siteId: string): Promise<TunnelWish> {
  const [row] = await db.run<TunnelWish>(readTunnel, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

/** Stores a site's secrets, encrypted, unless it has some. @returns the tunnel's secret that counts, encrypted */
export async function keepTunnelSecrets(
  db: Database,
  siteId: string,
  secrets: { tunnelSecretEnc: string; proofSecretEnc: string },
): Promise<string> {
  const [row] = await db.run<{ tunnelSecretEnc: string }>(keepSecrets, [
    siteId,
    secrets.tunnelSecretEnc,
    secrets.proofSecretEnc,
  ]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row.tunnelSecretEnc;
}

/** Writes down which tunnel is the site's; one that it had before was observed absent. */
export async function bindTunnel(db: Database, siteId: string, tunnelId: string): Promise<void> {
  await db.transaction(async (client) => {
    await client.query('select from sites where id = $1 for no key update', [siteId]);
    await client.query({ ...bind, values: [siteId, tunnelId] });
  });
}

/** Writes down that the site's tunnel was observed absent. */
export async function closeTunnel(db: Database, siteId: string): Promise<void> {
  await db.run(close, [siteId]);
}

/** The former secret of a site's tunnel opens nothing any more, and nothing is connected by it. @returns whom to hint */
export async function closeFormerSecret(db: Database, siteId: string, formerSecretEnc: string): Promise<Hint[]> {
  return db.transaction(async (client) => {
    await client.query('select from sites where id = $1 for no key update', [siteId]);
    return (await client.query<Hint>({ ...closeFormer, values: [siteId, formerSecretEnc] })).rows;
  });
}

/** @throws when there is no such placement */
export async function readConnectorWish(db: Database, placementId: string): Promise<ConnectorWish> {
  const [row] = await db.run<ConnectorWish>(readConnector, [placementId]);
  if (!row) throw new Error(`there is no placement ${placementId}`);
  return row;
}

/** Remembers what ran (`from`) before restart number `number` was begun. */
export async function beginTunnelRestart(
  db: Database,
  placementId: string,
  number: number,
  from: string,
): Promise<void> {
  await db.run(beginRestart, [placementId, number, from]);
}

/** Restart `number` was observed: something else runs than before. */
export async function endTunnelRestart(db: Database, placementId: string, number: number): Promise<void> {
  await db.run(endRestart, [placementId, number]);
}

/** Writes the observed state into the seed's table. */
export async function recordConnectorState(
  db: Database,
  placementId: string,
  configPath: string,
  connected: boolean,
): Promise<void> {
  await db.run(recordConnector, [placementId, configPath, connected]);
}

/** Writes into the seed's table that the connector isn't connected any more; what was never written down stays so. */
export async function recordConnectorStopped(db: Database, placementId: string): Promise<void> {
  await db.run(recordStopped, [placementId]);
}
