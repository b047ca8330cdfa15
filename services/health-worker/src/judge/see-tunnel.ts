import type { RestartMark } from '@berth/shared/domain/health';
import { FOR_EVER, failing, healthy, type Sight } from './sight.ts';

/** A unit as systemd lists it. */
export interface ListedUnit {
  name: string;
  /** loaded, not-found, … */
  load: string;
  /** active, activating, inactive, failed, … */
  active: string;
  /** running, auto-restart, dead, … */
  sub: string;
}

/** What a connector says of itself; undefined when it doesn't answer. */
export type Ready = { connections: number; connectorId: string; latencyMs: number } | undefined;

export interface TunnelLook {
  /** undefined: systemd doesn't know it; null: systemd could not be asked */
  unit: ListedUnit | undefined | null;
  /** why it doesn't run, in systemd's words */
  result: string | undefined;
  ready: Ready;
  /** its unit would not be started with the machine */
  disabled: boolean;
  /** what was seen running the last time */
  runBefore: string | null;
  /** Berth itself had it started anew since then */
  startedByUs: boolean;
  nowMs: number;
}

/** A connector that lost the edge comes back by itself after some 20 s (measured). */
const RECONNECT_MS = 60_000;

/** What a look at a tunnel's unit and at its connector says. */
export function seeTunnel(look: TunnelLook): Sight {
  const { unit, result, ready, disabled } = look;
  const word = unit ? unit.active : null;
  if (unit === undefined)
    return failing('unreachable', 'UnitMissing', 'systemd does not know the unit', { down: true });
  if (unit && unit.active !== 'active' && unit.active !== 'reloading') return notActive(unit, result);
  if (!ready) {
    return failing('unreachable', 'NoAnswer', 'cloudflared runs, but does not answer', { word, drifted: disabled });
  }
  const seen = {
    latencyMs: ready.latencyMs,
    word,
    connections: ready.connections,
    run: ready.connectorId,
    drifted: disabled,
    restarts: newStart(look, ready.connectorId),
  };
  if (ready.connections > 0) return healthy(seen);
  return failing('unhealthy', 'NotConnected', 'cloudflared runs without a connection to the edge', {
    ...seen,
    patienceMs: RECONNECT_MS,
  });
}

function notActive({ active, sub }: ListedUnit, result: string | undefined): Sight {
  const why = result && result !== 'success' ? ` (${result})` : '';
  if (active === 'activating') {
    const error = `systemd starts the unit${why}`;
    return failing('unreachable', 'UnitStarting', error, { word: active, patienceMs: FOR_EVER });
  }
  const reason = active === 'failed' ? 'UnitFailed' : 'UnitInactive';
  return failing('unreachable', reason, `the unit is ${active}, ${sub}${why}`, { word: active, down: true });
}

/** Another connector than before means that its process was started anew. */
function newStart({ runBefore, startedByUs, nowMs }: TunnelLook, run: string): RestartMark[] {
  if (runBefore === null || runBefore === run || startedByUs) return [];
  return [{ at: nowMs, by: 'systemd', reason: 'Restarted' }];
}
