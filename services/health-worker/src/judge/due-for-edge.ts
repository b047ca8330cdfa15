import type { HealthTarget } from '@berth/shared/store/read-health-targets';

/**
 * Whether a site is to be looked at through the edge: each once in `everyMs`, at a moment of its own, so that a host's sites don't all
 * come at once; one that failed at every sweep, until it's confirmed or over. Only what has been live, and has a tunnel.
 */
export function isDueForEdge(target: HealthTarget, nowMs: number, everyMs: number): boolean {
  const { live, serving, connector, standings, placementId } = target;
  if (!live || !serving || !connector?.reached) return false;
  const before = standings.edge;
  if (before?.outcome !== 'healthy') return true;
  const phase = Number.parseInt(placementId.slice(0, 8), 16) % everyMs;
  return turnOf(nowMs, phase, everyMs) !== turnOf(before.checkedAt, phase, everyMs);
}

function turnOf(atMs: number, phase: number, everyMs: number): number {
  return Math.floor((atMs + phase) / everyMs);
}
