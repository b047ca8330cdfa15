import type { Database, Statement } from './database.ts';
import { closeIncidents, openIncidents } from './incidents.ts';

/** The checks of a site within some hours, summed up. */
export interface Checks {
  /** hours of which there are checks */
  hours: number;
  checks: number;
  failed: number;
  /** of those that were answered well, in milliseconds */
  latencyMsSum: number;
  restarts: number;
}

/** A site's last one to two hours, beside the seven days before. */
export interface SiteTimes {
  siteId: string;
  /** its domain, or its key */
  name: string;
  recent: Checks;
  usual: Checks;
  /** it is, or was within that time, known to be down: nothing else is to be said of it */
  wasDown: boolean;
  /** an incident says already that it's unusual */
  open: boolean;
}

/** What of a site is unusual now; undefined when nothing is. */
export interface Unusual {
  site: SiteTimes;
  reason: string;
  message: string;
  data: Record<string, unknown>;
}

/** An incident of its own beside those of the aspects. */
const ASPECT = 'anomaly';

const SINCE = `date_trunc('hour', now()) - interval '1 hour'`;

const sums = (which: string) => `json_build_object('hours', count(*) filter (where ${which}),
    'checks', coalesce(sum(o.checks) filter (where ${which}), 0), 'failed', coalesce(sum(o.failed) filter (where ${which}), 0),
    'latencyMsSum', coalesce(sum(o.latency_ms_sum) filter (where ${which}), 0)::float8,
    'restarts', coalesce(sum(o.restarts) filter (where ${which}), 0))`;

/** $1 host. By the hours alone, of which a site has 170 in that time. */
const read: Statement = {
  name: 'unusual-read',
  text: `select s.id as "siteId", case when s.wants_tunnel then s.domain else s.key end as name,
    ${sums(`o.hour >= ${SINCE}`)} as recent, ${sums(`o.hour < ${SINCE}`)} as usual,
    exists (select from incidents i where i.site_id = s.id and i.aspect in ('container', 'tunnel', 'edge')
      and (i.closed_at is null or i.closed_at >= ${SINCE})) as "wasDown",
    exists (select from incidents i where i.site_id = s.id and i.aspect = '${ASPECT}' and i.closed_at is null) as open
  from placements p join sites s on s.id = p.site_id join health_hourly o on o.site_id = s.id and o.hour >= now() - interval '7 days'
  where p.host_id = $1 and p.wanted = 'serving' and p.gone_at is null and s.wanted = 'running' and s.live_at is not null
  group by s.id`,
};

/** $1 host: incidents of sites that went, or live elsewhere now without a check yet, are over as well */
const orphaned: Statement = {
  name: 'unusual-orphaned',
  text: `update incidents i set closed_at = now() from sites s
  where i.host_id = $1 and i.aspect = '${ASPECT}' and i.closed_at is null and s.id = i.site_id
    and (s.wanted <> 'running' or not exists (select from placements p where p.site_id = s.id and p.host_id = $1 and p.gone_at is null))`,
};

/** Reads how the sites of a host are, and how they usually are. */
export async function readSiteTimes(db: Database, hostId: string): Promise<SiteTimes[]> {
  return db.run<SiteTimes>(read, [hostId]);
}

/** Makes the incidents of kind `anomaly` of a host those of these sites. */
export async function noteUnusual(
  db: Database,
  hostId: string,
  unusual: readonly Unusual[],
  over: readonly SiteTimes[],
): Promise<void> {
  await db.transaction(async (client) => {
    await openIncidents(
      client,
      unusual.map(({ site, ...said }) => ({ kind: 'anomaly', hostId, siteId: site.siteId, aspect: ASPECT, ...said })),
    );
    await closeIncidents(
      client,
      over.map(({ siteId }) => ({ siteId, aspect: ASPECT })),
    );
    await client.query({ ...orphaned, values: [hostId] });
  });
}
