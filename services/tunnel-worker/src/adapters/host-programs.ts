import { existsSync } from 'node:fs';
import { BerthError } from '@berth/shared/errors/berth-error';
import { execa } from 'execa';
import { parseShow } from './systemd-show.ts';

interface ProgramOptions {
  systemctl: string;
  cloudflared: string;
  timeoutMs?: number;
}

/** Put into containers by Docker and by Podman. */
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv'];

/** Which versions of the programs that connectors need are on this host. */
export function makeHostPrograms({ systemctl, cloudflared, timeoutMs = 10_000 }: ProgramOptions) {
  const run = (file: string, args: readonly string[], cancelSignal: AbortSignal) =>
    execa(file, args, { timeout: timeoutMs, reject: false, stdin: 'ignore', env: { LC_ALL: 'C' }, cancelSignal });

  return {
    /** Asks the running manager, not the command, so that it tells as well whether one runs. @throws BerthError `systemd.unavailable` */
    async readSystemdVersion(signal: AbortSignal): Promise<string> {
      const result = await run(systemctl, ['show', '--property=Version'], signal);
      if (signal.aborted) throw signal.reason;
      const version = parseShow(result.stdout ?? '')[0]?.get('Version');
      if (result.exitCode === 0 && version) return version;
      throw new BerthError('systemd.unavailable', 'systemctl show: systemd does not say its version', {
        cause: result,
      });
    },
    inContainer: () => CONTAINER_MARKS.some((file) => existsSync(file)),
    /** @returns undefined where the worker doesn't see the host's programs, as in a container of its own */
    async findCloudflaredVersion(signal: AbortSignal): Promise<string | undefined> {
      const result = await run(cloudflared, ['--version'], signal);
      return /^cloudflared version (\S+)/.exec(result.stdout ?? '')?.[1];
    },
  };
}
