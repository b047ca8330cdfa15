import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MS = 5;

/** Notes the command lines of all processes of this machine, as any user of it can, until `stop`. */
export function seeArguments(): { seen: ReadonlySet<string>; stop(): void } {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended.
      }
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return { seen, stop: () => clearInterval(timer) };
}
