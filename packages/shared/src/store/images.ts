import type { Database, Statement } from './database.ts';

/** What is known of images by their digests. */
export interface KnownImage {
  digest: string;
  /** the names under which releases were deployed with it */
  names: string[];
  /** one of the last releases of a site on this host */
  kept: boolean;
}

/** What of a host's images is ours, and what must stay. */
export interface ImageRecords {
  known: KnownImage[];
  /** names that releases on this host are about to be asked for */
  unresolved: string[];
}

/** What a site keeps of its releases: the one that runs, and those that it may go back to. */
const KEPT_RELEASES = 3;

/** $1 host, $2 digests. A release that failed isn't gone back to. */
const read: Statement = {
  name: 'images-read',
  text: `with here as (
    select distinct site_id from placements where host_id = $1 and gone_at is null
  ), latest as (
    select r.* from here cross join lateral (
      select image, digest, outcome from releases where site_id = here.site_id and outcome <> 'failed'
        and (digest is not null or outcome = 'pending') order by number desc limit ${KEPT_RELEASES}) r
  ), known as (
    select digest, array_agg(distinct image) as names from releases where digest = any($2::text[]) group by digest
  )
  select (select coalesce(json_agg(json_build_object('digest', k.digest, 'names', k.names,
      'kept', exists (select from latest l where l.digest = k.digest))), '[]'::json) from known k) as known,
    (select coalesce(json_agg(distinct l.image), '[]'::json) from latest l where l.digest is null) as unresolved`,
};

/** What of these digests is ours, and which of that sites of the host still need. */
export async function readImageRecords(
  db: Database,
  hostId: string,
  digests: readonly string[],
): Promise<ImageRecords> {
  const [row] = await db.run<ImageRecords & Record<string, unknown>>(read, [hostId, digests]);
  return row ?? { known: [], unresolved: [] };
}
