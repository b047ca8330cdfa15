import type { HealthAspect } from '@berth/shared/domain/health';
import { messageOf } from '@berth/shared/errors/berth-error';
import { recordHealth } from '@berth/shared/store/health';
import { type HealthTarget, readHealthTargets } from '@berth/shared/store/read-health-targets';
import type { ContainerEvent } from '../adapters/docker-events.ts';
import { isBusy, isHostsFault, judgeSeen, type Seen } from '../judge/judge-look.ts';
import { chooseContainer, type ListedContainer } from '../judge/see-container.ts';
import { seeEnded, type Told } from '../judge/see-ended.ts';
import type { HostSweepDeps } from './host-sweep.ts';

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

const NOTHING: Told = { died: 0, stopped: false, outOfMemory: false };

export function makeUrgentLooks(deps: HostSweepDeps): UrgentLooks {
  const { clock, log } = deps;
  const stopped = new AbortController();
  let told = new Map<string, Told>();
  const busyLooks = new Map<string, number>();
  let looking: Promise<void> = Promise.resolve();
  let gathering = false;

  function note(placementId: string, more: Partial<Told>): void {
    const known = told.get(placementId) ?? NOTHING;
    told.set(placementId, {
      died: known.died + (more.died ?? 0),
      stopped: known.stopped || (more.stopped ?? false),
      outOfMemory: known.outOfMemory || (more.outOfMemory ?? false),
    });
    if (gathering) return;
    gathering = true;
    void clock
      .wait(GATHER_MS, stopped.signal)
      .then(() => {
        gathering = false;
        const batch = told;
        told = new Map();
        looking = looking.then(() => look(batch)).catch(complain);
      })
      .catch(() => undefined);
  }

  function complain(error: unknown): void {
    if (!stopped.signal.aborted)
      log.warn({ err: messageOf(error) }, 'what ended could not be looked at; the next sweep will');
  }

  /** A hint of ours, which may be lost: the sweep comes anyway. */
  function again(placementId: string, afterMs: number): void {
    void clock
      .wait(afterMs, stopped.signal)
      .then(() => note(placementId, NOTHING))
      .catch(() => undefined);
  }

  async function look(batch: ReadonlyMap<string, Told>): Promise<void> {
    const { signal } = stopped;
    const [read, listed] = await Promise.all([readHealthTargets(deps.db, deps.hostId), deps.docker.list(signal)]);
    const { nowMs, hostIncidents } = read;
    const reached = read.targets.filter(({ container }) => container?.reached);
    const meant = reached.filter(({ placementId }) => batch.has(placementId));
    const free = meant.filter((target) => !isBusy(target.container, nowMs, deps.rules.startMs));
    for (const { placementId } of meant) busyAgain(placementId, !free.some((one) => one.placementId === placementId));
    const seen = (await Promise.all(free.map((target) => see(target, batch, listed, nowMs)))).flatMap(
      (one) => one ?? [],
    );
    if (seen.length === 0) return;
    const fault = isHostsFault(
      withOthers(seen, reached),
      nowMs,
      deps.rules,
      hostIncidents.includes('containers-failing'),
    );
    const held = new Set<HealthAspect>(fault ? ['container'] : []);
    const { hostId, rules } = deps;
    const judged = judgeSeen(seen, { hostId, nowMs, held, rules, check: false });
    deps.hints.send(
      await recordHealth(deps.db, { hostId, atMs: nowMs, swept: false, ...judged, openOfHost: [], closeOfHost: [] }),
    );
    for (const { placementId, restart } of judged.consequences) {
      if (!restart) continue;
      deps.metrics.restarts.inc({ target: restart });
      const standing = judged.seen.find((one) => one.placementId === placementId)?.standing;
      again(placementId, Math.max(GATHER_MS, (standing?.restartAfter ?? nowMs) - nowMs));
    }
  }

  function busyAgain(placementId: string, busy: boolean): void {
    const looks = busy ? (busyLooks.get(placementId) ?? 0) + 1 : 0;
    if (looks > 0 && looks <= BUSY_LOOKS) busyLooks.set(placementId, looks);
    else busyLooks.delete(placementId);
    if (looks > 0 && looks <= BUSY_LOOKS) again(placementId, BUSY_MS);
  }

  async function see(
    target: HealthTarget,
    batch: ReadonlyMap<string, Told>,
    all: readonly ListedContainer[],
    nowMs: number,
  ): Promise<Seen | undefined> {
    const { placementId, port } = target;
    const listed = chooseContainer(
      all.filter((one) => one.placementId === placementId),
      port,
    );
    const runs = listed?.state === 'running';
    const inspected = listed && !runs ? await deps.docker.inspect(listed.id, stopped.signal) : undefined;
    const before = target.standings.container;
    const sight = seeEnded({ told: batch.get(placementId) ?? NOTHING, listed, inspected, before, nowMs });
    const containerId = listed?.id ?? null;
    return sight && { target, aspect: 'container', sight, condition: target.container, containerId };
  }

  return {
    take: ({ placementId, action }) =>
      note(placementId, {
        died: action === 'die' ? 1 : 0,
        stopped: action === 'stop' || action === 'destroy',
        outOfMemory: action === 'oom',
      }),
    async stop() {
      stopped.abort(new Error('the process stops'));
      await looking;
    },
  };
}

/** Those that weren't looked at now count as they stood. */
function withOthers(seen: readonly Seen[], reached: readonly HealthTarget[]): Seen[] {
  const others = reached.filter((target) => !seen.some((one) => one.target.placementId === target.placementId));
  return [
    ...seen,
    ...others.flatMap((target): Seen[] => {
      const before = target.standings.container;
      if (!before) return [];
      const asBefore = { ...before, down: false, starting: false, patienceMs: 0, drifted: false, restarts: [] };
      return [{ target, aspect: 'container', sight: asBefore, condition: target.container, containerId: null }];
    }),
  ];
}
