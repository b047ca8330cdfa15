import { existsSync } from 'node:fs';
import { BerthError } from '@berth/shared/errors/berth-error';
import { execa } from 'execa';

/** The filter tables of this host. */
export interface Iptables {
  /** the families of addresses that the host's kernel knows */
  families(): readonly Family[];
  /** What `iptables -S` says. @throws BerthError `host.unprotected` */
  list(family: Family, signal?: AbortSignal): Promise<string>;
  /** Gives lines to `iptables-restore --noflush`: all of them hold afterwards, or none. @throws BerthError `host.unprotected` */
  restore(family: Family, lines: string, signal?: AbortSignal): Promise<void>;
}

export type Family = 'ipv4' | 'ipv6';

const PROGRAMS = { ipv4: 'iptables', ipv6: 'ip6tables' } as const;
/** for a lock that others hold (dockerd), and for the whole call */
const WAIT_SECONDS = 10;
const TIMEOUT_MS = 20_000;
/** There only where the kernel has IPv6. */
const IPV6_FILE = '/proc/net/if_inet6';

/** The tables by their commands, found on the PATH: those that dockerd uses on a host. */
export function makeIptables(): Iptables {
  async function run(program: string, args: readonly string[], input: string | undefined, signal?: AbortSignal) {
    const result = await execa(program, [...args], {
      reject: false,
      timeout: TIMEOUT_MS,
      env: { LC_ALL: 'C' },
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      ...(signal && { cancelSignal: signal }),
    });
    if (signal?.aborted) throw signal.reason;
    if (result.exitCode === 0) return result.stdout;
    const why =
      result.code === 'ENOENT' ? 'is not installed' : result.stderr.trim().split('\n')[0] || 'did not end in time';
    throw new BerthError('host.unprotected', `${program}: ${why}`, { cause: result });
  }

  return {
    families: () => (existsSync(IPV6_FILE) ? ['ipv4', 'ipv6'] : ['ipv4']),
    list: (family, signal) => run(PROGRAMS[family], ['-w', String(WAIT_SECONDS), '-S'], undefined, signal),
    async restore(family, lines, signal) {
      await run(`${PROGRAMS[family]}-restore`, ['-w', String(WAIT_SECONDS), '--noflush'], lines, signal);
    },
  };
}
