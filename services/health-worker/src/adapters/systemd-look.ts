import { BerthError } from '@berth/shared/errors/berth-error';
import { execa } from 'execa';
import type { EndedUnit, ListedUnit } from '../judge/see-tunnel.ts';

/** Looks at the host's tunnel units; changes nothing. */
export interface SystemdLook {
  /** All of them in one call. @throws BerthError `systemd.unavailable` */
  list(signal: AbortSignal): Promise<ListedUnit[]>;
  /** Why units ended and how often they were started since, by name; asked for those only that don't run. */
  ended(units: readonly string[], signal: AbortSignal): Promise<Map<string, EndedUnit>>;
  /** Names of those whose file is there but which aren't started with the machine. */
  disabled(signal: AbortSignal): Promise<Set<string>>;
}

const PATTERN = 'cloudflared-customer-*.service';
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8_000_000;

export function makeSystemdLook(systemctl: string): SystemdLook {
  async function ask(args: readonly string[], signal: AbortSignal): Promise<string> {
    const result = await execa(systemctl, [...args], {
      timeout: TIMEOUT_MS,
      reject: false,
      stdin: 'ignore',
      maxBuffer: MAX_BYTES,
      env: { LC_ALL: 'C', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' },
      cancelSignal: signal,
    });
    if (signal.aborted) throw signal.reason;
    if (result.exitCode === 0) return result.stdout;
    const ending = result.exitCode === undefined ? 'did not end' : `status ${result.exitCode}`;
    throw new BerthError('systemd.unavailable', `systemctl ${args[0]}: ${ending}`, { cause: result });
  }
  async function rows(args: readonly string[], signal: AbortSignal): Promise<Record<string, string>[]> {
    const text = await ask(args, signal);
    return text.trim() === '' ? [] : JSON.parse(text);
  }
  return {
    async list(signal) {
      const listed = await rows(['list-units', PATTERN, '--all', '--output=json', '--no-pager'], signal);
      return listed.map(({ unit = '', load = '', active = '', sub = '' }) => ({ name: unit, load, active, sub }));
    },
    async ended(units, signal) {
      if (units.length === 0) return new Map();
      const text = await ask(['show', ...units, '-p', 'Id,Result,NRestarts'], signal);
      const value = (block: string, key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';
      const blocks = text.split(/\n\s*\n/);
      return new Map(
        blocks.map((block) => [
          value(block, 'Id'),
          { result: value(block, 'Result'), starts: Number(value(block, 'NRestarts')) },
        ]),
      );
    },
    async disabled(signal) {
      const listed = await rows(['list-unit-files', PATTERN, '--output=json', '--no-pager'], signal);
      return new Set(listed.flatMap(({ unit_file = '', state }) => (state === 'disabled' ? [unit_file] : [])));
    },
  };
}
