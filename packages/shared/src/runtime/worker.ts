import type { Context } from './context.ts';
import type { Log } from './log.ts';
import { type Loop, makeLoop } from './loop.ts';
import type { StopServing } from './queues.ts';
import type { Reconcilers } from './reconciler.ts';

/** A service that runs: `drain` finishes or hands back what is under way and takes nothing new. */
export interface Running {
  drain(timeoutMs: number): Promise<void>;
}

/** A running worker, with its loop for tests and single steps. */
export interface RunningWorker extends Running {
  loop: Loop;
}

interface WorkerOptions {
  context: Context;
  log: Log;
  /** the queues that this process serves, with a reconciler for each of their aspects */
  serves: Readonly<Record<string, Reconcilers>>;
  /** reconciles at once */
  concurrency?: number;
  leaseMs?: number;
  /** false: nothing runs by itself (tests step with `loop.settle`) */
  autostart?: boolean;
}

/** Starts a worker: takes hints from its queues where there are any, and its timer finds what no hint told of. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { context, serves, log, concurrency = 20, autostart = true } = options;
  const { protocol, hints, clock, chance, metrics, owner, queues } = context;
  const leaseMs = options.leaseMs;
  const loop = makeLoop({
    protocol,
    serves,
    hints,
    clock,
    chance,
    log,
    metrics,
    owner,
    concurrency,
    ...(leaseMs && { leaseMs }),
  });
  let serving: StopServing[] = [];
  if (autostart) {
    loop.start();
    if (queues)
      serving = await Promise.all(Object.keys(serves).map((queue) => queues.serve(queue, concurrency, loop.run)));
  }
  return {
    loop,
    async drain(timeoutMs) {
      // A queue that is away doesn't end its serving: what counts is that nothing is under way any more.
      for (const stop of serving) void stop();
      await loop.drain(timeoutMs);
    },
  };
}
