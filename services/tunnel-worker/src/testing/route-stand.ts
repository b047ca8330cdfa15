import { makeEdgeProbe } from '@berth/edge/edge-probe';
import type { EdgeHandshake } from '@berth/edge/sighting';
import { tunnelTarget } from '@berth/shared/domain/names';
import type { Outcome } from '@berth/shared/domain/outcome';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import type { DnsRecord } from '@berth/simulators/cloudflare/dns-record';
import { makeCloudflareRecords } from '../adapters/cloudflare-records.ts';
import { makeReconcileRoute } from '../reconcile/reconcile-route.ts';
import type { Stage } from './stage.ts';
import { giveTunnel, orderSite, type StageSite } from './stage-site.ts';

/** What of a record matters to its owner. */
export type PlainRecord = Pick<DnsRecord, 'type' | 'name' | 'content' | 'proxied' | 'ttl' | 'comment'>;

/** A site with a tunnel, and its route's reconciler over the real adapters. */
export interface RouteStand {
  site: StageSite;
  /** Looks once, as a process that just started does. */
  look(effects?: Effects, edge?: Partial<EdgeHandshake>): Promise<Outcome>;
  /** Somebody else makes a record; `name` is `@` or a label. @returns its id */
  addRecord(type: string, name: string, content: string, more?: Record<string, unknown>): Promise<string>;
  /** the zone's records, those of one name when given (`@`, `www`, …) */
  records(name?: string): Promise<DnsRecord[]>;
  /** what Berth knows of its records, apex first */
  rows(): Promise<{ hostname: string; record_id: string | null; content: string; replaced: PlainRecord[] }[]>;
  /** what the site's records must point to now */
  target(): Promise<string>;
  /** how many batches were sent for this zone */
  batches(): Promise<number>;
}

/** @param given a site with a tunnel; a new one, whose zone holds nothing yet, when absent */
export async function makeRouteStand(stage: Stage, given?: StageSite): Promise<RouteStand> {
  const site = given ?? (await orderSite(stage));
  if (!given) await giveTunnel(stage, site);
  const { control, edgeAddress, edgeCaFile } = stage.simulator;
  const fullName = (name: string) => (name === '@' ? site.domain : `${name}.${site.domain}`);
  return {
    site,
    look: (effects = makeEffects(), edge = {}) =>
      makeReconcileRoute({
        db: stage.db,
        records: effects.wrap(makeCloudflareRecords(stage.cloudflare), ['change']),
        edge: { ...makeEdgeProbe({ address: edgeAddress, caFile: edgeCaFile }), ...edge },
      })(stillWork('route', site.siteId)),
    async addRecord(type, name, content, more = {}) {
      return (await control.addRecord(site.domain, { type, name: fullName(name), content, ...more })).id;
    },
    async records(name) {
      const all = await control.listRecords(site.domain);
      return name === undefined ? all : all.filter((record) => record.name === fullName(name));
    },
    async rows() {
      const { rows } = await stage.db.pool.query(
        `select hostname, record_id, content, replaced from site_records where site_id = $1 and removed_at is null
        order by length(hostname)`,
        [site.siteId],
      );
      return rows;
    },
    async target() {
      const { rows } = await stage.db.pool.query('select tunnel_id from sites where id = $1', [site.siteId]);
      return tunnelTarget(rows[0].tunnel_id);
    },
    async batches() {
      const calls = await control.calls();
      return calls.filter(({ path }) => path === `/zones/${site.cfZoneId}/dns_records/batch`).length;
    },
  };
}

/** A record without its id and times. */
export function plain({ type, name, content, proxied, ttl, comment }: DnsRecord): PlainRecord {
  return { type, name, content, proxied, ttl, comment };
}
