import { type Check, worstOf } from '../domain/checks.ts';
import { messageOf } from '../errors/berth-error.ts';
import type { Database } from '../store/database.ts';
import { type CheckedBy, writeChecks } from '../store/service-checks.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Looks at something that a service stands on. It doesn't throw: what can't be looked at is a finding too. */
export type RunChecks = (signal: AbortSignal) => Promise<Check[]>;

interface Options extends CheckedBy {
  db: Database;
  clock: Clock;
  log: Log;
  everyMs: number;
  run: RunChecks;
}

/**
 * Looks when the service starts, and again and again after that, and writes down what it found for `GET /v1/doctor`. What is wrong is
 * logged when it is first seen, and when it is over; it doesn't hold the service up.
 * @returns stops it and waits for the look under way
 */
export function keepChecked(options: Options): () => Promise<void> {
  const { db, clock, log, everyMs, run, scope, subject, service } = options;
  const stopped = new AbortController();
  let known = new Map<string, Check>();

  async function look(): Promise<void> {
    const checks = await run(stopped.signal);
    stopped.signal.throwIfAborted();
    tellChecks(log, known, checks);
    known = new Map(checks.map((check) => [check.id, check]));
    await writeChecks(db, { scope, subject, service }, checks, Math.round(everyMs / 1000));
  }

  async function live(): Promise<void> {
    for (;;) {
      await look().catch((error: unknown) => {
        if (!stopped.signal.aborted) log.warn({ err: messageOf(error) }, 'checks could not be made, trying again');
      });
      await clock.wait(everyMs, stopped.signal);
    }
  }

  const running = live().catch(() => undefined);
  return async () => {
    stopped.abort();
    await running;
  };
}

/** Logs what has become worse since `before`, and what is good again. */
export function tellChecks(log: Log, before: ReadonlyMap<string, Check>, checks: readonly Check[]): void {
  for (const { id, status, detail, fix } of checks) {
    const former = before.get(id)?.status ?? 'ok';
    if (status === former) continue;
    if (status === 'ok') log.info({ check: id, detail }, 'check is good again');
    else log[status === 'fail' ? 'error' : 'warn']({ check: id, detail, fix }, 'check found something');
  }
  if (before.size === 0) {
    log.info({ checks: checks.length, worst: worstOf(checks.map(({ status }) => status)) }, 'checks made');
  }
}
