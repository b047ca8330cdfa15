import { newsHint } from '../contracts/jobs.ts';
import type { Aspect } from '../domain/aspects.ts';
import { unwantedPart } from '../domain/parts.ts';
import { actorOf } from '../domain/waiting-reasons.ts';
import { unmetWaits } from '../domain/waits.ts';
import { BerthError, isBerthError } from '../errors/berth-error.ts';
import type { Claimed, Finding, Protocol, Recorded } from '../store/protocol.ts';
import type { Chance } from './chance.ts';
import { type Clock, type Moment, momentOf } from './clock.ts';
import type { Hints } from './hints.ts';
import { findingOf, findingOfFailure, findingOfWaiting } from './judge.ts';
import { type HeldLease, holdLease } from './lease.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Reconcilers } from './reconciler.ts';
import { Semaphore } from './semaphore.ts';
import { makeTimer } from './timer.ts';
import { traced } from './tracing.ts';

export interface LoopOptions {
  protocol: Protocol;
  /** what this process serves: the queue's name, and a reconciler for each of its aspects */
  serves: Readonly<Record<string, Reconcilers>>;
  hints: Hints;
  clock: Clock;
  chance: Chance;
  log: Log;
  metrics?: Pick<Metrics, 'reconciles' | 'toLive'> | undefined;
  /** this process, in `lease_owner` */
  owner: string;
  /** reconciles at once, whether begun by a job or by the timer */
  concurrency?: number;
  leaseMs?: number;
}

/** Whose a look is, in the log; what isn't known is left out. */
interface About {
  siteKey?: string;
  orderId?: string;
  /** the hint that began it; a timer has none */
  jobId: string | undefined;
  /** of the request that caused it, long ago perhaps */
  requestId: string | null;
}

interface Looked {
  finding: Finding;
  failure?: unknown;
  about: About;
}

/** How one look at a condition ended. */
export type RunResult = 'recorded' | 'lost' | 'failed';

/** What was begun; `more`: further rows may be due. */
interface Taken {
  begun: Promise<RunResult>[];
  more: boolean;
}

/** The loop of a worker process: claims conditions, runs their reconciler, records what was found. */
export interface Loop {
  /** Works on one condition if it's due: what a job does. @param jobId for the log. @throws the reconciler's failure, after it was recorded */
  run(conditionId: string, jobId?: string): Promise<void>;
  /** Starts the timer, which works off due rows by itself. */
  start(): void;
  /** Works off whatever is due now, until nothing is; for tests and single steps. @returns how many reconciles ran */
  settle(): Promise<number>;
  /** Takes nothing new and waits for what is under way; past `timeoutMs` the rest is aborted and handed back. */
  drain(timeoutMs: number): Promise<void>;
}

const DEFAULT_LEASE_MS = 30_000;
const DEFAULT_CONCURRENCY = 20;

/** What was told to stop may take this long to notice; its rows are found again by the end of their lease otherwise. */
const ABORT_GRACE_MS = 3000;

/** Whether somebody may have to be told of a change; the notifier judges by itself. */
function isNews(aspect: Aspect, { status, reason, gone }: Finding): boolean {
  return gone || (aspect === 'reachable' && status === 'true') || actorOf(reason) !== undefined;
}

async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const inTime = new AbortController();
  await Promise.race([work, clock.wait(ms, inTime.signal).catch(() => undefined)]);
  inTime.abort();
}

/** Makes the loop; nothing runs before `start`, `run` or `settle`. */
export function makeLoop(options: LoopOptions): Loop {
  const { protocol, serves, hints, clock, chance, log, owner } = options;
  const leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS;
  const permits = new Semaphore(options.concurrency ?? DEFAULT_CONCURRENCY);
  const underWay = new Map<Promise<unknown>, HeldLease>();
  const claiming = new Set<Promise<unknown>>();
  let draining = false;

  /** What is claimed in the moment that the process begins to stop is handed back. */
  async function claim(ask: () => Promise<Claimed[]>): Promise<Claimed[]> {
    const claimed = ask().then(async (rows) => {
      if (!draining) return rows;
      await Promise.all(rows.map((row) => protocol.release(row, owner)));
      return [];
    });
    claiming.add(claimed);
    return claimed.finally(() => claiming.delete(claimed));
  }

  async function work(claimed: Claimed, claimedFrom: Moment, jobId?: string): Promise<RunResult> {
    const startedMs = clock.monotonicMs();
    const lease = holdLease(claimed, { protocol, clock, owner, leaseMs, claimedFrom });
    const running = reconcile(claimed, lease, startedMs, jobId);
    underWay.set(running, lease);
    try {
      return await running;
    } finally {
      underWay.delete(running);
      lease.end();
    }
  }

  async function reconcile(
    claimed: Claimed,
    lease: HeldLease,
    startedMs: number,
    jobId: string | undefined,
  ): Promise<RunResult> {
    const { finding, failure, about } = await look(claimed, lease, jobId);
    if (isBerthError(failure, 'lease.lost')) return giveUp(claimed, lease, startedMs);
    const recorded = await protocol.record(claimed, owner, finding).catch((error: unknown) => {
      log.warn({ conditionId: claimed.id, aspect: claimed.aspect, err: error }, 'finding could not be recorded');
      throw error;
    });
    if (!recorded) return giveUp(claimed, lease, startedMs);
    hints.send(recorded.woken);
    if (recorded.changed && isNews(claimed.aspect, finding)) hints.send([newsHint]);
    if (recorded.wentLive) measureLive(recorded.wentLive);
    tell(claimed, finding, {
      ...about,
      changed: recorded.changed,
      durationMs: Math.round(clock.monotonicMs() - startedMs),
      failure,
    });
    if (recorded.due) timer.expectIn(0);
    else if (finding.nextMs !== null) timer.expectIn(finding.nextMs);
    if (failure) throw failure;
    return 'recorded';
  }

  async function look(claimed: Claimed, lease: HeldLease, jobId: string | undefined): Promise<Looked> {
    let generation = claimed.observedGeneration;
    let about: About = { jobId, requestId: claimed.causeId };
    try {
      const site = await protocol.context(claimed.siteId);
      generation = site.generation;
      about = { siteKey: site.siteKey, orderId: site.orderId, ...about };
      const missing = unmetWaits(claimed, site.wanted, site.conditions, site.parts);
      if (missing.length > 0) return { finding: findingOfWaiting(claimed, missing, generation), about };
      const reconciler = serves[claimed.queue]?.[claimed.aspect];
      if (!reconciler) throw new BerthError('internal.unexpected', `nobody here reconciles ${claimed.aspect}`);
      const fields = { ...about, aspect: claimed.aspect, generation };
      const { siteId, placementId, aspect, causeId } = claimed;
      const traits = { 'berth.aspect': aspect, 'berth.site': site.siteKey, 'berth.condition': claimed.id };
      const outcome = await traced(`reconcile ${aspect}`, causeId, traits, () =>
        reconciler({ siteId, placementId, aspect, lease, log: log.child(fields), causeId }),
      );
      return { finding: findingOf(outcome, generation, unwantedPart(aspect, site.wanted, site.parts)), about };
    } catch (thrown) {
      const failure = lease.signal.aborted ? lease.signal.reason : thrown;
      return { finding: findingOfFailure(failure, claimed, generation, chance.random()), failure, about };
    }
  }

  function measure({ aspect }: Claimed, result: RunResult, durationMs: number): void {
    options.metrics?.reconciles.observe({ aspect, result }, durationMs / 1000);
  }

  function measureLive({ order, active }: NonNullable<Recorded['wentLive']>): void {
    options.metrics?.toLive.observe({ from: 'order' }, order);
    if (active !== null) options.metrics?.toLive.observe({ from: 'active' }, active);
  }

  /** An effect may have happened although the lease was gone: whoever owns the row now must observe once more. */
  async function giveUp(claimed: Claimed, lease: HeldLease, startedMs: number): Promise<RunResult> {
    measure(claimed, 'lost', clock.monotonicMs() - startedMs);
    if (draining) await protocol.release(claimed, owner);
    if (lease.touched) await protocol.wakeOne(claimed.id);
    log.warn({ conditionId: claimed.id, aspect: claimed.aspect }, 'lease lost');
    return 'lost';
  }

  function tell(
    claimed: Claimed,
    finding: Finding,
    more: About & { changed: boolean; durationMs: number; failure?: unknown },
  ): void {
    const { failure, ...figures } = more;
    measure(claimed, failure ? 'failed' : 'recorded', figures.durationMs);
    const fields = {
      aspect: claimed.aspect,
      siteId: claimed.siteId,
      conditionId: claimed.id,
      status: finding.status,
      reason: finding.reason,
      tries: finding.tries,
      ...figures,
    };
    if (!failure) log[figures.changed ? 'info' : 'debug'](fields, 'condition recorded');
    else if (finding.nextMs === null) log.error({ ...fields, err: failure }, 'reconcile needs a person');
    else log.warn({ ...fields, nextMs: finding.nextMs, err: failure }, 'reconcile failed, trying again');
  }

  /**
   * Claims due rows of a queue and begins to work on them, each with a permit taken beforehand: the first in the order of asking, so
   * that jobs which come without end don't keep the timer away, and as many more as are free.
   */
  async function takeDue(queue: string): Promise<Taken> {
    await permits.acquire();
    let taken = 1;
    while (permits.tryAcquire()) taken += 1;
    const from = momentOf(clock);
    let rows: Claimed[] = [];
    try {
      if (!draining) rows = await claim(() => protocol.claimDue(queue, owner, leaseMs, taken));
    } finally {
      for (let unused = rows.length; unused < taken; unused += 1) permits.release();
    }
    const begun = rows.map((row) =>
      work(row, from)
        .catch((): RunResult => 'failed')
        .finally(() => permits.release()),
    );
    return { begun, more: begun.length === taken };
  }

  const queues = Object.keys(serves);
  const timer = makeTimer({ clock, log, queues, nextDueMs: protocol.nextDueMs, takeDue, permits });

  return {
    async run(conditionId, jobId) {
      if (draining) return;
      await permits.acquire();
      try {
        if (draining) return;
        const from = momentOf(clock);
        const [claimed] = await claim(async () => {
          const row = await protocol.claim(conditionId, owner, leaseMs);
          return row ? [row] : [];
        });
        if (claimed) await work(claimed, from, jobId);
      } finally {
        permits.release();
      }
    },
    start: () => timer.start(),
    async settle() {
      for (let total = 0; ; ) {
        let begun = 0;
        for (const queue of queues) begun += (await Promise.all((await takeDue(queue)).begun)).length;
        if (begun === 0) return total;
        total += begun;
      }
    },
    async drain(timeoutMs) {
      draining = true;
      timer.stop();
      const rest = () => Promise.allSettled([...claiming, ...underWay.keys()]);
      await within(clock, timeoutMs, rest());
      for (const lease of underWay.values()) lease.abort();
      await within(clock, ABORT_GRACE_MS, rest());
    },
  };
}
