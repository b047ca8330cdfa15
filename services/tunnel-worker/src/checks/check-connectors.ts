import type { Clock } from '@berth/shared/runtime/clock';
import type { RunChecks } from '@berth/shared/runtime/keep-checked';
import type { Database } from '@berth/shared/store/database';
import { readClockSkew } from '@berth/shared/store/read-server';
import { judgeConnectors } from './judge-connectors.ts';

interface Deps {
  db: Database;
  clock: Clock;
  programs: {
    /** @throws while systemd is away */
    readSystemdVersion(signal: AbortSignal): Promise<string>;
    findCloudflaredVersion(signal: AbortSignal): Promise<string | undefined>;
    /** whether the worker has a root of its own, in which the host's programs aren't */
    inContainer(): boolean;
  };
  /** by the setting that names them */
  folders: Readonly<Record<string, string>>;
  /** @returns why a folder can't be written; undefined when it can */
  whyUnwritable(dir: string): Promise<string | undefined>;
}

/** Looks at what connectors need of this host. */
export function makeCheckConnectors({ db, clock, programs, folders, whyUnwritable }: Deps): RunChecks {
  return async function checkConnectors(signal) {
    const clockSkewMs = await readClockSkew(db, () => clock.date().getTime());
    const [systemd, cloudflared, tried] = await Promise.all([
      programs.readSystemdVersion(signal).catch(() => undefined),
      programs.findCloudflaredVersion(signal).catch(() => undefined),
      Promise.all(
        Object.entries(folders).map(async ([setting, dir]) => ({ setting, dir, why: await whyUnwritable(dir) })),
      ),
    ]);
    signal.throwIfAborted();
    const unwritable = tried.flatMap(({ setting, dir, why }) => (why === undefined ? [] : [{ setting, dir, why }]));
    return judgeConnectors({
      systemd,
      cloudflared,
      inContainer: programs.inContainer(),
      unwritable,
      clockSkewMs,
      now: clock.date(),
    });
  };
}
