import type { SiteWanted } from '../domain/aspects.ts';
import type { Database, Statement } from './database.ts';
import { WANTED } from './parts-sql.ts';

/** What is needed to prove that a site is reachable. */
export interface ProofWish {
  domain: string;
  wanted: SiteWanted;
  /** the site's container answers; where the tunnel is alone, nobody may */
  hasContainer: boolean;
  nameServers: string[];
  tunnelId: string | null;
  tunnelSecretEnc: string | null;
  /** what serves now may still be a connector with the secret before this one */
  secretPending: boolean;
  proofSecretEnc: string | null;
  /** apex first */
  hostnames: string[];
  placement: { port: number; slot: number } | null;
  /**
   * by which a look goes through Access, where the site may be behind it. It opens all sites of the account: it goes nowhere as soon as the
   * zone isn't served by ours any more, since its owner may have the same names answered elsewhere
   */
  accessProof: { clientId: string; clientSecretEnc: string } | null;
}

const COLUMNS = `s.domain, ${WANTED.tunnel} as wanted,
    s.wants_container as "hasContainer", coalesce(z.name_servers, '{}') as "nameServers", s.tunnel_id as "tunnelId",
    s.tunnel_secret_enc as "tunnelSecretEnc", s.former_secret_enc is not null as "secretPending", s.proof_secret_enc as "proofSecretEnc",
    (select coalesce(json_agg(h.name order by h.kind), '[]'::json) from site_hostnames h
      where h.site_id = s.id and h.gone_at is null) as hostnames,
    (select json_build_object('port', p.port, 'slot', p.slot) from placements p
      where p.site_id = s.id and p.wanted = 'serving' and p.gone_at is null) as placement,
    (select json_build_object('clientId', a.client_id, 'clientSecretEnc', a.client_secret_enc) from access_proofs a
      join site_protections sp on sp.site_id = s.id and 'access' = any(sp.touched)
      where a.account_id = z.account_id and z.status = 'active') as "accessProof"`;

const FROM = 'from sites s left join zones z on z.id = s.zone_id';

const read: Statement = {
  name: 'proofs-read',
  text: `select ${COLUMNS} ${FROM} where s.id = $1`,
};

const readMany: Statement = {
  name: 'proofs-read-many',
  text: `select s.id as "siteId", ${COLUMNS} ${FROM} where s.id = any($1::uuid[])`,
};

/** @throws when there is no such site */
export async function readProofWish(db: Database, siteId: string): Promise<ProofWish> {
  const [row] = await db.run<ProofWish>(read, [siteId]);
  if (!row) throw new Error(`there is no site ${siteId}`);
  return row;
}

/** Those of many sites at once, by their id. */
export async function readProofWishes(db: Database, siteIds: readonly string[]): Promise<Map<string, ProofWish>> {
  const rows = await db.run<ProofWish & { siteId: string }>(readMany, [siteIds]);
  return new Map(rows.map((row) => [row.siteId, row]));
}
