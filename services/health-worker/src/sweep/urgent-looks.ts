import type { HealthAspect } from '@berth/shared/domain/health';
import { messageOf } from '@berth/shared/errors/berth-error';
import { recordHealth, type SeenHealth } from '@berth/shared/store/health';
import type { HealthTarget } from '@berth/shared/store/read-health-targets';
import type { ContainerEvent } from '../adapters/docker-events.ts';
import { isBusy, isHostsFault, judgeSeen, type Seen, withOthers } from '../judge/judge-look.ts';
import { chooseContainer, type ListedContainer } from '../judge/see-container.ts';
import { seeEnded, type Told } from '../judge/see-ended.ts';
import { allAtOnce } from './all-at-once.ts';
import { gatherTold, NOTHING_TOLD } from './gather-told.ts';
import type { HostSweepDeps } from './host-sweep.ts';
import { AT_ONCE, SLOW_MS } from './look-at-host.ts';
import { readHost } from './read-host.ts';

/** Looks at once at containers of which Docker tells that they ended. */
export interface UrgentLooks {
  take(event: ContainerEvent): void;
  stop(): Promise<void>;
}

/** Docker needs 100 ms until it starts again what ended by itself; what ends together is looked at together. */
const GATHER_MS = 300;
/** Its own worker is at it: it's looked at again, so many times, before the next sweep has it. */
const BUSY_MS = 2000;
const BUSY_LOOKS = 5;

export function makeUrgentLooks(deps: HostSweepDeps): UrgentLooks {
  const { db, hostId, clock, log, rules } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const busyLooks = new Map<string, number>();
  const gathering = gatherTold({
    clock,
    gatherMs: GATHER_MS,
    look,
    onFailure(error) {
      if (!signal.aborted)
        log.warn({ err: messageOf(error) }, 'what ended could not be looked at; the next sweep will');
    },
  });

  async function look(batch: ReadonlyMap<string, Told>): Promise<void> {
    const [read, listed] = await Promise.all([readHost(db, hostId), deps.docker.list(signal)]);
    const { nowMs } = read;
    const reached = read.targets.filter(({ container }) => container?.reached);
    const meant = reached.filter(({ placementId }) => batch.has(placementId));
    const free = meant.filter((target) => !leftToItsWorker(target, nowMs, batch));
    const bounds = { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS };
    const looks = await allAtOnce(free, bounds, (target) => see(target, batch, listed, nowMs));
    const seen = looks.flatMap((one) => one ?? []);
    if (seen.length === 0) return;
    const already = read.hostIncidents.includes('containers-failing');
    const fault = isHostsFault(withOthers(seen, reached, 'container'), nowMs, rules, already);
    const held = new Set<HealthAspect>(fault ? ['container'] : []);
    const judged = judgeSeen(seen, { hostId, nowMs, held, rules, check: false });
    const findings = { hostId, atMs: nowMs, swept: false, ...judged, openOfHost: [], closeOfHost: [] };
    const { hints, missed } = await recordHealth(db, findings);
    deps.hints.send(hints);
    const keys = new Map(meant.map(({ placementId, siteKey }) => [placementId, siteKey]));
    follow(judged.seen, missed, { batch, nowMs, keys });
  }

  /** What was told isn't lost while a container's own worker is at it. */
  function leftToItsWorker({ placementId, container }: HealthTarget, nowMs: number, batch: ReadonlyMap<string, Told>) {
    const busy = isBusy(container, nowMs, rules.startMs);
    const looks = busy ? (busyLooks.get(placementId) ?? 0) + 1 : 0;
    const again = looks > 0 && looks <= BUSY_LOOKS;
    if (again) busyLooks.set(placementId, looks);
    else busyLooks.delete(placementId);
    if (again) gathering.note(placementId, batch.get(placementId) ?? NOTHING_TOLD, BUSY_MS);
    return busy;
  }

  /** Hints of ours, which may be lost: the sweep comes anyway. */
  function follow(
    seen: readonly SeenHealth[],
    missed: readonly SeenHealth[],
    { batch, nowMs, keys }: { batch: ReadonlyMap<string, Told>; nowMs: number; keys: ReadonlyMap<string, string> },
  ): void {
    for (const one of seen) {
      const { placementId, standing } = one;
      if (missed.includes(one)) {
        // A sweep was quicker: what was told is judged by what that one found.
        gathering.note(placementId, batch.get(placementId) ?? NOTHING_TOLD);
      } else if (standing.restartedAt === nowMs) {
        deps.metrics.restarts.inc({ target: 'container' });
        log.info({ siteKey: keys.get(placementId), target: 'container' }, 'restart wanted');
        gathering.note(placementId, NOTHING_TOLD, Math.max(GATHER_MS, (standing.restartAfter ?? nowMs) - nowMs));
      }
    }
  }

  async function see(
    target: HealthTarget,
    batch: ReadonlyMap<string, Told>,
    all: readonly ListedContainer[],
    nowMs: number,
  ): Promise<Seen | undefined> {
    const { placementId, port } = target;
    const own = all.filter((one) => one.placementId === placementId);
    const listed = chooseContainer(own, port);
    const runs = listed?.state === 'running';
    const inspected = listed && !runs ? await deps.docker.inspect(listed.id, signal) : undefined;
    const before = target.standings.container;
    const sight = seeEnded({ told: batch.get(placementId) ?? NOTHING_TOLD, listed, inspected, before, nowMs });
    const containerId = listed?.id ?? null;
    return sight && { target, aspect: 'container', sight, condition: target.container, containerId };
  }

  return {
    take: ({ placementId, action, at }) =>
      gathering.note(placementId, {
        died: action === 'die' ? [at] : [],
        stopped: action === 'stop' || action === 'destroy',
        outOfMemory: action === 'oom',
      }),
    async stop() {
      stopping.abort(new Error('the process stops'));
      await gathering.stop();
    },
  };
}
