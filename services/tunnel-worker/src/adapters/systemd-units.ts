import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import { execa } from 'execa';
import type { ObservedUnit, Units } from '../reconcile/connector-access.ts';
import { parseShow } from './systemd-show.ts';

interface SystemdOptions {
  systemctl: string;
  timeoutMs?: number;
  /** observers that come within this time share one call */
  gatherMs?: number;
}

const PROPERTIES = 'Id,LoadState,ActiveState,SubState,UnitFileState,InvocationID,NeedDaemonReload';
/** systemctl's status for a unit that isn't loaded (stop), and for one without a file (disable). */
const NOT_LOADED = 5;
const NO_FILE = 1;

/** systemd of this host, by its command; each call of it costs the first process some milliseconds, so calls are shared. */
export function makeSystemdUnits({ systemctl, timeoutMs = 60_000, gatherMs = 5 }: SystemdOptions): Units {
  async function run(
    args: readonly string[],
    signal: AbortSignal | undefined,
    accepted: readonly number[] = [],
  ): Promise<string> {
    const result = await execa(systemctl, [...args], {
      timeout: timeoutMs,
      reject: false,
      stdin: 'ignore',
      env: { LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
      ...(signal && { cancelSignal: signal }),
    });
    if (signal?.aborted) throw signal.reason;
    const doing = `systemctl ${args.slice(0, 2).join(' ')}`;
    if (result.exitCode === undefined)
      throw new BerthError('systemd.unavailable', `${doing} did not end`, { cause: result });
    if (result.exitCode !== 0 && !accepted.includes(result.exitCode)) {
      throw new BerthError('systemd.refused', `${doing}: status ${result.exitCode}`, { cause: result });
    }
    return result.stdout;
  }

  /** `show` answers for units that nobody knows as well: it fails only where there is no systemd to ask. */
  async function show(args: readonly string[]): Promise<string> {
    try {
      return await run(args, undefined);
    } catch (cause) {
      if (!isBerthError(cause, 'systemd.refused')) throw cause;
      throw new BerthError('systemd.unavailable', cause.message, { cause });
    }
  }

  const observe = gathered(gatherMs, async (units: readonly string[]) => {
    const shown = parseShow(await show(['show', ...units, '-p', PROPERTIES]));
    return new Map(shown.map((unit) => [unit.get('Id') ?? '', toObservedUnit(unit)]));
  });
  const reload = shared(() => run(['daemon-reload'], undefined));

  return {
    async observe(unit) {
      const seen = (await observe(unit)).get(unit);
      if (!seen) throw new BerthError('systemd.refused', `systemctl show said nothing about ${unit}`);
      return seen;
    },
    reload: async () => {
      await reload();
    },
    enable: async (unit, signal) => {
      await run(['enable', '--no-reload', unit], signal);
    },
    start: async (unit, signal) => {
      await run(['start', '--no-block', unit], signal);
    },
    restart: async (unit, signal) => {
      await run(['restart', '--no-block', unit], signal);
    },
    stop: async (unit, signal) => {
      await run(['stop', '--no-block', unit], signal, [NOT_LOADED]);
    },
    disable: async (unit, signal) => {
      await run(['disable', '--no-reload', unit], signal, [NO_FILE]);
    },
    reset: async (unit, signal) => {
      await run(['reset-failed', unit], signal, [NO_FILE]);
    },
  };
}

function toObservedUnit(shown: ReadonlyMap<string, string>): ObservedUnit {
  return {
    loadState: shown.get('LoadState') ?? '',
    activeState: shown.get('ActiveState') ?? '',
    subState: shown.get('SubState') ?? '',
    unitFileState: shown.get('UnitFileState') ?? '',
    invocationId: shown.get('InvocationID') ?? '',
    needsReload: shown.get('NeedDaemonReload') === 'yes',
  };
}

/** One call for all who ask within `ms`. */
function gathered<T>(ms: number, call: (names: readonly string[]) => Promise<T>): (name: string) => Promise<T> {
  let names = new Set<string>();
  let next: Promise<T> | undefined;
  return (name) => {
    names.add(name);
    next ??= new Promise((resolve) => setTimeout(resolve, ms)).then(() => {
      const batch = [...names];
      names = new Set();
      next = undefined;
      return call(batch);
    });
    return next;
  };
}

/** One call at a time; who asks while one runs gets the next one, together with all others who do. */
function shared<T>(call: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const mine = call().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };
  return () => {
    if (!running) return begin();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return begin();
      });
    return next;
  };
}
