import { RESTARTS_KEPT, type RestartMark } from '@berth/shared/domain/health';
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

/** What systemd says of a unit that doesn't run. */
export interface EndedUnit {
  /** why it ended, such as `signal` */
  result: string;
  /** how often systemd has started it by itself */
  starts: number;
}

/** What a connector says of itself; undefined when it doesn't answer. */
export type Ready = { connections: number; connectorId: string; latencyMs: number } | undefined;

export interface TunnelLook {
  /** undefined: systemd doesn't know it; null: systemd could not be asked */
  unit: ListedUnit | undefined | null;
  /** of one that doesn't run */
  ended: EndedUnit | undefined;
  ready: Ready;
  /** its unit would not be started with the machine */
  disabled: boolean;
  /** what was seen running the last time */
  runBefore: string | null;
  /** Berth itself had it started anew since then */
  startedByUs: boolean;
  nowMs: number;
}

/** Of a unit that doesn't run, what is remembered is how often systemd has started it. */
const COUNT = 'starts ';

/** A connector that lost the edge comes back by itself after some 20 s (measured). */
const RECONNECT_MS = 60_000;

/** What a look at a tunnel's unit and at its connector says. */
export function seeTunnel(look: TunnelLook): Sight {
  const { unit, ready, disabled } = look;
  const word = unit ? unit.active : null;
  if (unit === undefined)
    return failing('unreachable', 'UnitMissing', 'systemd does not know the unit', { word: 'not-found', down: true });
  if (unit && unit.active !== 'active' && unit.active !== 'reloading') return notActive(unit, look);
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

function notActive({ active, sub }: ListedUnit, look: TunnelLook): Sight {
  const { ended } = look;
  const why = ended && ended.result !== '' && ended.result !== 'success' ? ` (${ended.result})` : '';
  const seen = ended
    ? { word: active, run: `${COUNT}${ended.starts}`, restarts: startsSince(look, ended) }
    : { word: active };
  if (active === 'activating') {
    const error = `systemd starts the unit${why}`;
    return failing('unreachable', 'UnitStarting', error, { ...seen, patienceMs: FOR_EVER });
  }
  const reason = active === 'failed' ? 'UnitFailed' : 'UnitInactive';
  return failing('unreachable', reason, `the unit is ${active}, ${sub}${why}`, { ...seen, down: true });
}

/** Another connector than before means that its process was started anew. */
function newStart({ runBefore, startedByUs, nowMs }: TunnelLook, run: string): RestartMark[] {
  if (runBefore === null || runBefore === run || startedByUs) return [];
  return [{ at: nowMs, by: 'systemd', reason: 'Restarted' }];
}

/** Systemd's count begins anew when somebody else starts the unit. */
function startsSince({ runBefore, nowMs }: TunnelLook, { starts }: EndedUnit): RestartMark[] {
  if (runBefore === null) return [];
  const before = runBefore.startsWith(COUNT) ? Number(runBefore.slice(COUNT.length)) : undefined;
  const more = before === undefined ? Math.min(starts, 1) : starts >= before ? starts - before : starts;
  return Array.from({ length: Math.min(more, RESTARTS_KEPT) }, () => ({
    at: nowMs,
    by: 'systemd',
    reason: 'Restarted',
  }));
}
