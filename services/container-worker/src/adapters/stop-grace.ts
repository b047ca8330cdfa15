/** A container that minds SIGTERM is killed after this. */
const GRACE_SECONDS = 10;
/** One that doesn't would only be waited for. The look is a moment old by then: who began to mind it since isn't cut off at once. */
const DEAF_GRACE_SECONDS = 1;

/** The init that Docker puts before the program, as `ps` shows it. */
const INIT = 'docker-init';

/** SIGTERM's bit in a mask of signals, whose first one is 1. */
const TERM = 1n << 14n;

/** What `ps` is asked for, by way of the Engine. What may hold spaces stands last: the Engine splits by them. */
export const PS_COLUMNS = '-eo pid,ppid,blocked,ignored,comm';

/** What the Engine's `top` answers. */
export interface ProcessTable {
  Titles: readonly string[];
  Processes: readonly (readonly string[])[] | null;
}

/** The grace of a container nobody could say more about. */
export const defaultGraceSeconds = GRACE_SECONDS;

/**
 * How long a container is waited for after SIGTERM. Its init passes the signal to its child alone; what that child started never gets it.
 * So when the child ignores it, nothing will end. A signal that is blocked isn't ignored even if it says so: the kernel keeps it, and a
 * program may read it (signalfd, sigwait).
 */
export function graceOf({ Titles, Processes }: ProcessTable): number {
  const [pid, parent, blocked, ignored, command] = ['PID', 'PPID', 'BLOCKED', 'IGNORED', 'COMMAND'].map((title) =>
    Titles.indexOf(title),
  );
  const of = (row: readonly string[], column: number | undefined) => row[column ?? -1];
  const table = Processes ?? [];
  const pids = new Set(table.map((row) => of(row, pid)));
  // Whatever else was begun from outside (`docker exec`) has its parent outside too. Another init, or another machine's processes: no word.
  const inits = table.filter((row) => of(row, command) === INIT && !pids.has(of(row, parent)));
  const [init] = inits;
  if (!init || inits.length > 1) return GRACE_SECONDS;
  const children = table.filter((row) => of(row, parent) !== undefined && of(row, parent) === of(init, pid));
  const isDeaf = (row: readonly string[]) =>
    has(of(row, ignored), TERM) === true && has(of(row, blocked), TERM) === false;
  return children.length > 0 && children.every(isDeaf) ? DEAF_GRACE_SECONDS : GRACE_SECONDS;
}

/** In hexadecimal; `<` stands before one whose upper half didn't fit. @returns undefined for what is no mask */
function has(mask: string | undefined, signal: bigint): boolean | undefined {
  const digits = /^<?([0-9a-f]+)$/i.exec(mask ?? '')?.[1];
  return digits === undefined ? undefined : (BigInt(`0x${digits}`) & signal) !== 0n;
}
