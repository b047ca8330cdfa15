import type { Operation } from '@berth/contract/operation';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import { readQueuePlaces } from '@berth/shared/store/queue-places';
import { findOperation } from '@berth/shared/store/read-operations';
import { findSiteById } from '@berth/shared/store/read-sites';
import { presentOperation } from '../presenters/present-operation.ts';

const LOOK_MS = 250;

/** Reads an operation, and waits up to `waitMs` until it's done. @throws BerthError `operation.not-found` */
export function makeFollowOperation({ db, clock }: { db: Database; clock: Clock }) {
  async function read(id: string): Promise<Operation> {
    const operation = await findOperation(db, id);
    const site = operation && (await findSiteById(db, operation.siteId));
    if (!operation || !site) throw new BerthError('operation.not-found', `there is no operation ${id}`);
    return presentOperation(operation, site, await readQueuePlaces(db, site.id));
  }
  return async function followOperation(id: string, waitMs: number, signal: AbortSignal): Promise<Operation> {
    const deadline = clock.monotonicMs() + waitMs;
    for (;;) {
      const operation = await read(id);
      const leftMs = deadline - clock.monotonicMs();
      if (operation.done || leftMs <= 0 || signal.aborted) return operation;
      await clock.wait(Math.min(LOOK_MS, leftMs), signal).catch(() => undefined);
    }
  };
}
