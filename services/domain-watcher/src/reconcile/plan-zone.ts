import type { KnownZone, ObservedZone, ZoneWish } from '@berth/shared/store/zones';

/** What to do about a site's zone next. */
export type ZoneStep =
  /** nothing is known of it, or what was known is gone: look for it by name, and make it when it isn't there */
  | { kind: 'find' }
  | { kind: 'active' }
  /** `prepare`: before anybody is told its name servers, what the former ones know must be in this zone */
  | { kind: 'wait-for-name-servers'; prepare: KnownZone | null }
  | { kind: 'wait-for-confirmation' }
  | { kind: 'moved' }
  | { kind: 'deleted-by-others' };

const STALE_SECONDS = 3600;
const MOVED_STALE_SECONDS = 300;
const FAILING_STALE_SECONDS = 60;

/** Whether what is known of a zone is too old to decide by: the sweep keeps watch over pending ones only. */
export function needsLook(zone: KnownZone | null): zone is KnownZone {
  if (zone === null || zone.status === 'deleted') return false;
  if (zone.failsOutside) return zone.ageSeconds >= FAILING_STALE_SECONDS;
  return zone.ageSeconds >= (zone.status === 'moved' ? MOVED_STALE_SECONDS : STALE_SECONDS);
}

/** Decides by the row that the sweep keeps: a zone that is watched costs no call of its own. */
export function planZone(wish: ZoneWish, mode: 'create' | 'find'): ZoneStep {
  const { zone } = wish;
  if (!zone) return { kind: 'find' };
  if (zone.status === 'deleted') return wish.wasLive ? { kind: 'deleted-by-others' } : { kind: 'find' };
  if (zone.status === 'moved') return { kind: 'moved' };
  if (zone.status !== 'active') return { kind: 'wait-for-name-servers', prepare: zone.told ? null : zone };
  const suspect = mode === 'create' && (zone.activeBefore || wish.heldByOther);
  return suspect && !wish.allowed ? { kind: 'wait-for-confirmation' } : { kind: 'active' };
}

/** So far the clocks of Cloudflare and of the database may be apart. */
const CLOCKS_MS = 60_000;

/** Whether a zone that was found is what a create of ours made whose answer never came; one that was there before that create isn't. */
export function isMadeFor({ intendedAt }: Pick<ZoneWish, 'intendedAt'>, { createdAt }: ObservedZone): boolean {
  return intendedAt !== null && createdAt.getTime() >= intendedAt.getTime() - CLOCKS_MS;
}

/** So long after a create was sent it may still come about, or be missing in a list. */
const LATE_SECONDS = 30;

/** Whether a zone that isn't found may yet come from a create whose answer never came. */
export function mayComeLate({ intendedSeconds }: Pick<ZoneWish, 'intendedSeconds'>): boolean {
  return intendedSeconds !== null && intendedSeconds < LATE_SECONDS;
}

/** Whether it is looked for by name before it is made: where something says that it may be there. Else Cloudflare says so itself. */
export function mayBeThere({ allowed, heldByOther, intendedAt, zone }: ZoneWish): boolean {
  return allowed || heldByOther || intendedAt !== null || zone !== null;
}

/** What to do with the zone of a site that leaves. */
export type ZoneEnd =
  | { kind: 'nothing' }
  /** a create may have been sent whose answer never came */
  | { kind: 'find' }
  | { kind: 'keep'; why: string }
  | { kind: 'remove-if-empty'; zone: KnownZone };

/** A zone is only removed if Berth made it, it never was active, and nobody else uses it: the customer's mail depends on it. */
export function planZoneEnd(wish: ZoneWish): ZoneEnd {
  const { zone } = wish;
  if (!zone) return wish.intendedAt ? { kind: 'find' } : { kind: 'nothing' };
  if (zone.status === 'deleted') return { kind: 'nothing' };
  if (!zone.madeByUs) return { kind: 'keep', why: 'it was there before' };
  if (zone.wasActive) return { kind: 'keep', why: 'it has been active' };
  if (wish.shared) return { kind: 'keep', why: 'another site uses it' };
  return { kind: 'remove-if-empty', zone };
}
