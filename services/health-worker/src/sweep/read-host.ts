import type { Database } from '@berth/shared/store/database';
import { type HealthTarget, type HealthTargets, readHealthTargets } from '@berth/shared/store/read-health-targets';
import { notAhead } from '../judge/not-ahead.ts';

/** Reads what there is to look at on a host, with nothing in it that lies ahead of the database's clock. */
export async function readHost(db: Database, hostId: string): Promise<HealthTargets> {
  const read = await readHealthTargets(db, hostId);
  return {
    ...read,
    targets: read.targets.map((target) => ({ ...target, standings: standingsOf(target, read.nowMs) })),
  };
}

function standingsOf({ standings }: HealthTarget, nowMs: number): HealthTarget['standings'] {
  const all = Object.entries(standings).map(([aspect, standing]) => [aspect, notAhead(standing, nowMs)]);
  return Object.fromEntries(all);
}
