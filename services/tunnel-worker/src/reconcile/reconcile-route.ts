import type { EdgeHandshake } from '@berth/edge/sighting';
import { tunnelTarget } from '@berth/shared/domain/names';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import {
  awaitsProtection,
  bindRoute,
  closeRoutes,
  intendRoute,
  type RouteWish,
  readRouteWish,
} from '@berth/shared/store/routes';
import { isEmpty, planRoute, planRouteEnd, type RoutePlan, withoutExtras } from './plan-route.ts';
import type { RecordChanges, Records } from './route-access.ts';
import { zoneLeft } from './zone-left.ts';

interface Deps {
  db: Database;
  records: Records;
  edge: EdgeHandshake;
}

const CERTIFICATE_MS = 15_000;
/** Cloudflare's certificates take a day at most. Who has none by then gets none, and a site that was paid for doesn't wait for it. */
const CERTIFICATE_PATIENCE_MS = 86_400_000;
const PROTECTION_MS = 1000;

/** Aspect `route`: the site's host names lead to its tunnel. */
export function makeReconcileRoute(deps: Deps): Reconciler {
  return async function reconcileRoute(work) {
    const wish = await readRouteWish(deps.db, work.siteId);
    return wish.wanted === 'deleted' ? leave(deps, work, wish) : arrive(deps, work, wish);
  };
}

async function arrive({ db, records, edge }: Deps, work: Work, wish: RouteWish): Promise<Outcome> {
  const { signal } = work.lease;
  const { cfZoneId, tunnelId } = wish;
  if (!cfZoneId || !tunnelId) return again(1000, 'TunnelUnknown', 'the zone or the tunnel is not known yet');
  // Certificates take minutes, and what is known to be replaced needn't be read each time.
  const early = wish.takenOver ? await findWithoutCertificate(edge, wish, signal) : undefined;
  if (early) return certificatePending(early);
  const observed = await records.list(cfZoneId, signal);
  if (!observed) throw zoneLeft(wish.domain);
  const plan = planRoute(wish, observed, tunnelTarget(tunnelId));
  if (plan.delegated) {
    throw new BerthError('name.delegated', `an NS record hands ${plan.delegated} to other name servers; remove it`);
  }
  if (plan.replaces) {
    const waiting = await findWithoutCertificate(edge, wish, signal);
    if (waiting) return certificatePending(waiting);
  }
  // A name that leads somewhere already is no more open than it was.
  if (plan.changes.posts.length > 0 && (await awaitsProtection(db, work.siteId))) {
    return again(PROTECTION_MS, 'ProtectionPending', 'what shall protect the site is not in force yet');
  }
  await intend(db, work, wish, plan, cfZoneId);
  for (const { hostname, recordId } of plan.bound) await bindRoute(db, work.siteId, hostname, recordId);
  if (!isEmpty(plan.changes)) {
    await work.lease.assert();
    const changed = await records.change(cfZoneId, plan.changes, signal);
    for (const { id, name } of changed) await bindRoute(db, work.siteId, name, id);
  }
  return settled('RoutesReady', wish.hostnames.join(', '));
}

function certificatePending(hostname: string): Outcome {
  const message = `Cloudflare has no certificate for ${hostname} yet; until then its visitors stay with the server that answers them now`;
  return again(CERTIFICATE_MS, 'CertificatePending', message);
}

async function intend(db: Database, work: Work, wish: RouteWish, plan: RoutePlan, cfZoneId: string): Promise<void> {
  const content = tunnelTarget(wish.tunnelId ?? '');
  for (const { hostname, replaced } of plan.intents) {
    const row = wish.records.find((record) => record.hostname === hostname);
    const same =
      row?.content === content &&
      row.cfZoneId === cfZoneId &&
      JSON.stringify(row.replaced) === JSON.stringify(replaced);
    if (!same) await intendRoute(db, work.siteId, { hostname, content, cfZoneId, replaced });
  }
}

/** A host name whose visitors would meet an error that they don't meet now: one that nobody answers by https has none to lose. */
async function findWithoutCertificate(
  edge: EdgeHandshake,
  { hostnames, nameServers, activeForMs }: RouteWish,
  signal: AbortSignal,
): Promise<string | undefined> {
  if ((activeForMs ?? 0) > CERTIFICATE_PATIENCE_MS) return undefined;
  for (const hostname of hostnames) {
    if (await edge.hasCertificate(hostname, signal)) continue;
    if (await edge.isServed(hostname, nameServers, signal)) return hostname;
  }
  return undefined;
}

async function leave({ db, records }: Deps, work: Work, wish: RouteWish): Promise<Outcome> {
  const [row] = wish.records;
  if (!row) return gone('RoutesGone');
  const observed = await records.list(row.cfZoneId, work.lease.signal);
  const changes = observed && planRouteEnd(wish, observed);
  if (!changes || isEmpty(changes)) {
    await closeRoutes(db, work.siteId);
    return gone('RoutesGone');
  }
  await giveBack(records, work, row.cfZoneId, changes);
  return again(0, 'RoutesLeaving');
}

/** A plan that has become smaller refuses tags that it gave before: the records come back without them then. */
async function giveBack(records: Records, work: Work, cfZoneId: string, changes: RecordChanges): Promise<void> {
  const { signal } = work.lease;
  await work.lease.assert();
  try {
    await records.change(cfZoneId, changes, signal);
  } catch (error) {
    const rest = withoutExtras(changes);
    if (!rest || !isBerthError(error, 'cloudflare.refused')) throw error;
    work.log.warn({ zone: cfZoneId, err: error.message }, 'former records come back without tags and settings');
    await work.lease.assert();
    await records.change(cfZoneId, rest, signal);
  }
}
