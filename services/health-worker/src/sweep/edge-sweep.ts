import { proofHeadersOf } from '@berth/edge/proof-headers';
import { expectedPath } from '@berth/edge/proof-path';
import type { EdgeProbe } from '@berth/edge/sighting';
import type { HealthAspect } from '@berth/shared/domain/health';
import type { Vault } from '@berth/shared/runtime/vault';
import { recordHealth } from '@berth/shared/store/health';
import { type ProofWish, readProofWishes } from '@berth/shared/store/proofs';
import { type HealthTarget, readHealthTargets } from '@berth/shared/store/read-health-targets';
import { isDueForEdge } from '../judge/due-for-edge.ts';
import { hostIncidents } from '../judge/host-incidents.ts';
import { isHostsFault, judgeSeen, type Rules, type Seen, withOthers } from '../judge/judge-look.ts';
import { type EdgeLook, seeEdge } from '../judge/see-edge.ts';
import { allAtOnce } from './all-at-once.ts';
import type { HostSweepDeps, Swept } from './host-sweep.ts';
import { readHost } from './read-host.ts';

export interface EdgeSweepDeps extends Pick<HostSweepDeps, 'db' | 'hostId' | 'clock' | 'hints'> {
  vault: Vault;
  probe: EdgeProbe;
  /** `intervalMs` is how often each site is looked at, not how often this sweep comes */
  rules: Rules;
}

/** A handshake costs the machine more than a question to a neighbour. */
const AT_ONCE = 20;
const SLOW_MS = 250;

/** Makes the sweep that looks at a host's sites from outside, as a visitor does. Nothing is restarted for what it finds. */
export function makeEdgeSweep(deps: EdgeSweepDeps): (signal: AbortSignal) => Promise<Swept> {
  const { db, hostId, clock, hints, rules } = deps;
  return async function sweepEdge(signal) {
    const fromMs = clock.monotonicMs();
    const read = await readHost(db, hostId);
    const due = read.targets.filter((target) => isDueForEdge(target, read.nowMs, rules.intervalMs));
    if (due.length === 0 && !read.hostIncidents.includes('edge-failing')) return { checked: 0, failing: 0 };
    const seen = await leaveToOthers(deps, await lookAtAll(deps, due, signal));
    const nowMs = read.nowMs + clock.monotonicMs() - fromMs;
    const fails = isHostsFault(
      withOthers(seen, read.targets, 'edge'),
      nowMs,
      rules,
      read.hostIncidents.includes('edge-failing'),
    );
    const failing = seen.filter(({ sight }) => sight.outcome !== 'healthy').length;
    const recorded = await recordHealth(db, {
      hostId,
      atMs: nowMs,
      swept: true,
      ...judgeSeen(seen, { hostId, nowMs, held: new Set<HealthAspect>(fails ? ['edge'] : []), rules, check: true }),
      ...hostIncidents(hostId, {
        present: fails ? ['edge-failing'] : [],
        told: ['edge-failing'],
        open: read.hostIncidents,
        data: { sites: seen.length, failing },
      }),
    });
    hints.send(recorded.hints);
    return { checked: seen.length, failing };
  };
}

async function lookAtAll(deps: EdgeSweepDeps, due: readonly HealthTarget[], signal: AbortSignal): Promise<Seen[]> {
  const wishes = await readProofWishes(
    deps.db,
    due.map(({ siteId }) => siteId),
  );
  const bounds = { clock: deps.clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
  const all = await allAtOnce(due, bounds, async (target): Promise<Seen[]> => {
    const wish = wishes.get(target.siteId);
    const looks = wish && (await lookAtSite(deps, wish, signal));
    if (!looks) return [];
    // What fails nearer to the site isn't the edge's fault: it's seen, and doesn't count.
    const sight = { ...seeEdge(looks, target.zoneStatus), starting: isIllItself(target) };
    return [{ target, aspect: 'edge', sight, condition: null, containerId: null }];
  });
  return all.flat();
}

/** A container that hangs is asked for ten seconds, in which the host's own look finds it: the fault isn't the edge's then either. */
async function leaveToOthers({ db, hostId }: EdgeSweepDeps, seen: readonly Seen[]): Promise<readonly Seen[]> {
  const failing = seen.flatMap(({ target, sight }) => (sight.outcome === 'healthy' ? [] : [target.placementId]));
  if (failing.length === 0) return seen;
  const { targets } = await readHealthTargets(db, hostId, failing);
  const ill = new Set(targets.filter(isIllItself).map(({ placementId }) => placementId));
  return seen.map((one) =>
    ill.has(one.target.placementId) ? { ...one, sight: { ...one.sight, starting: true } } : one,
  );
}

/** @returns undefined while it isn't known how the site proves itself */
async function lookAtSite(
  { vault, probe, clock }: EdgeSweepDeps,
  wish: ProofWish,
  signal: AbortSignal,
): Promise<EdgeLook[] | undefined> {
  const path = wish.secretPending ? undefined : expectedPath(wish, vault);
  if (!path || wish.wanted === 'deleted') return undefined;
  const { nameServers, hasContainer: expectsPage } = wish;
  const proofHeaders = proofHeadersOf(wish, vault);
  return Promise.all(
    wish.hostnames.map(async (hostname) => {
      const fromMs = clock.monotonicMs();
      const sighting = await probe.look({ hostname, path, proofHeaders, nameServers, expectsPage }, signal);
      return { hostname, sighting, latencyMs: clock.monotonicMs() - fromMs };
    }),
  );
}

function isIllItself({ standings, container, connector }: HealthTarget): boolean {
  const { container: own, tunnel } = standings;
  const ill = [own, tunnel].some((standing) => standing && standing.outcome !== 'healthy');
  return ill || [container, connector].some((condition) => condition !== null && condition.status !== 'true');
}
