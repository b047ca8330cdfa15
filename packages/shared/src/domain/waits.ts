import { type Aspect, aspects, type SiteWanted, waitsOf } from './aspects.ts';
import { bothParts, type Parts, wantedOf } from './parts.ts';

/** One condition of a site, as far as another one's waiting is concerned. */
export interface WaitedFor {
  aspect: Aspect;
  placementId: string | null;
  placementWanted: 'serving' | 'draining' | 'gone' | null;
  /** it was true at least once */
  reached: boolean;
  gone: boolean;
}

/**
 * What a condition still has to wait for (the table of aspects). Going up, what it waits for must have been reached once, on
 * every placement that serves; going down it must be gone, on every placement. What hangs on a placement waits for its own
 * placement's aspects only; where just the placement is to be gone and its site stays, for nothing of the site. What goes and what
 * stays don't wait for each other: a part that isn't wanted goes alone, and the other needs nothing of it.
 * @returns the aspects that are missing; empty when it may be worked on
 */
export function unmetWaits(
  self: { aspect: Aspect; placementId: string | null },
  wanted: SiteWanted,
  conditions: readonly WaitedFor[],
  parts: Parts = bothParts,
): Aspect[] {
  const own = wantedOf(self.aspect, wanted, parts);
  const alone = own !== 'deleted' && hangsOnGone(self, conditions);
  const direction = alone ? 'deleted' : own;
  return waitsOf(self.aspect, direction).filter((aspect) => {
    if (alone && aspects[aspect].hangsOn === 'site') return false;
    if (!alone && wantedOf(aspect, wanted, parts) !== direction) return false;
    const rows = conditions.filter(
      (row) =>
        row.aspect === aspect &&
        (self.placementId === null || row.placementId === null || row.placementId === self.placementId),
    );
    return direction === 'deleted' ? rows.some((row) => !row.gone) : !reachedWhereServing(aspect, rows);
  });
}

function hangsOnGone({ placementId }: { placementId: string | null }, conditions: readonly WaitedFor[]): boolean {
  if (placementId === null) return false;
  return conditions.some((row) => row.placementId === placementId && row.placementWanted === 'gone');
}

function reachedWhereServing(aspect: Aspect, rows: readonly WaitedFor[]): boolean {
  const counting = aspects[aspect].hangsOn === 'site' ? rows : rows.filter((row) => row.placementWanted === 'serving');
  return counting.length > 0 && counting.every((row) => row.reached);
}
