import type { AlertView, MaintenanceSpan } from '@berth/shared/store/alert-view';

type Subject = { hostId: string | null; siteId: string | null };

/** The maintenance within which something is now. */
export function activeWindow(view: AlertView, subject: Subject): MaintenanceSpan | undefined {
  return windowAt(view, subject, view.nowMs);
}

/** The maintenance within which something was at a time; of several the one that ends last. */
export function windowAt(view: AlertView, subject: Subject, atMs: number): MaintenanceSpan | undefined {
  const covering = view.windows.filter(
    (window) => concerns(window, subject) && window.startsAtMs <= atMs && atMs < window.endsAtMs,
  );
  return covering.sort((a, b) => b.endsAtMs - a.endsAtMs)[0];
}

function concerns(window: MaintenanceSpan, { hostId, siteId }: Subject): boolean {
  if (window.scope === 'all') return true;
  return window.scope === 'host' ? window.hostId === hostId : siteId !== null && window.siteId === siteId;
}
