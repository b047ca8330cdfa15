import type { Container } from './container.ts';
import { type ContainerProcess, meetsTerm } from './container-process.ts';
import { EngineError } from './engine-error.ts';

/** What `ps` on the host shows of one process. */
interface Shown {
  pid: number;
  ppid: number;
  blocked: string;
  ignored: string;
  comm: string;
}

const NO_SIGNALS = '0'.repeat(16);
const SIGTERM_ALONE = '0000000000004000';
/** the containerd-shim, which is outside of the container */
const SHIM_PID = 4_999_999;

const columns: Readonly<Record<string, { title: string; show(process: Shown): string }>> = {
  pid: { title: 'PID', show: ({ pid }) => String(pid) },
  ppid: { title: 'PPID', show: ({ ppid }) => String(ppid) },
  blocked: { title: 'BLOCKED', show: ({ blocked }) => blocked },
  ignored: { title: 'IGNORED', show: ({ ignored }) => ignored },
  comm: { title: 'COMMAND', show: ({ comm }) => comm },
};

/**
 * The container's processes as the Engine's `top` answers them, with the columns that `psArgs` names (`-eo pid,…`).
 * @throws EngineError 409 when it does not run, 500 for columns that `ps` does not know and for a table without `pid`
 */
export function toProcessTable(container: Container, process: ContainerProcess | undefined, psArgs: string) {
  if (process === undefined) throw new EngineError(409, `Container ${container.id} is not running`);
  const names = /^-eo ([a-z,]+)$/.exec(psArgs)?.[1]?.split(',') ?? [];
  const chosen = names.map((name) => columns[name]);
  const unknown = names.find((name) => columns[name] === undefined);
  if (names.length === 0 || unknown !== undefined) {
    throw new EngineError(500, `ps: error: unknown user-defined format specifier "${unknown ?? psArgs}"`);
  }
  if (!names.includes('pid')) throw new EngineError(500, "Couldn't find PID field in ps output");
  return {
    Titles: chosen.map((column) => column?.title),
    Processes: processes(container, process).map((shown) => chosen.map((column) => column?.show(shown))),
  };
}

function processes(container: Container, process: ContainerProcess): Shown[] {
  const { pid } = container.state;
  const ignored = meetsTerm(process) === 'ignores' ? SIGTERM_ALONE : NO_SIGNALS;
  const program = { blocked: NO_SIGNALS, ignored, comm: 'server' };
  if (container.hostConfig.Init !== true) return [{ ...program, pid, ppid: SHIM_PID }];
  return [
    { pid, ppid: SHIM_PID, blocked: NO_SIGNALS, ignored: NO_SIGNALS, comm: 'docker-init' },
    { ...program, pid: pid + 1, ppid: pid },
  ];
}
