import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { RunChecks } from '@berth/shared/runtime/keep-checked';
import type { Database } from '@berth/shared/store/database';
import { findLastSweep } from '@berth/shared/store/health-sweeps';
import { readClockSkew } from '@berth/shared/store/read-server';
import type { DockerLook } from '../adapters/docker-look.ts';
import type { SystemdLook } from '../adapters/systemd-look.ts';
import { allAtOnce } from '../sweep/all-at-once.ts';
import { judgeWatch } from './judge-watch.ts';

interface Deps {
  db: Database;
  clock: Clock;
  hostId: string;
  docker: Pick<DockerLook, 'list'>;
  systemd: Pick<SystemdLook, 'list'>;
  followsEvents(): boolean;
  /** whether a port of 127.0.0.1 takes a connection */
  takesConnection(port: number, signal: AbortSignal): Promise<boolean>;
}

/** Nobody waits for it: it leaves the machine to those who do. */
const AT_ONCE = 20;
const SLOW_MS = 50;

/** Looks at what looking after this host needs. */
export function makeCheckWatch({
  db,
  clock,
  hostId,
  docker,
  systemd,
  followsEvents,
  takesConnection,
}: Deps): RunChecks {
  return async function checkWatch(signal) {
    const [clockSkewMs, sweep] = await Promise.all([
      readClockSkew(db, () => clock.date().getTime()),
      findLastSweep(db, hostId, 'host'),
    ]);
    const [listed, units] = await Promise.all([
      attempt(() => docker.list(signal)),
      attempt(() => systemd.list(signal)),
    ]);
    const published = (listed.found ?? []).flatMap(({ state, ports }) => (state === 'running' ? ports : []));
    const taken = await allAtOnce(published, { clock, atOnce: AT_ONCE, givesWayAfterMs: SLOW_MS }, (port) =>
      takesConnection(port, signal),
    );
    signal.throwIfAborted();
    return judgeWatch({
      dockerAway: listed.why,
      followsEvents: followsEvents(),
      systemdAway: units.why,
      ports: { published: published.length, silent: published.filter((_, index) => !taken[index]) },
      sweep,
      clockSkewMs,
    });
  };
}

async function attempt<T>(look: () => Promise<T>): Promise<{ found?: T; why?: string | undefined }> {
  try {
    return { found: await look() };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
