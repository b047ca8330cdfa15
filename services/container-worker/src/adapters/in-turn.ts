/** Making networks and starting containers is bound by the kernel's locks: more at once only take longer (measured: four). */
const AT_ONCE = 4;

/**
 * What a site's way to its container begins with comes last: who is nearest to its end goes first, so that of many sites the first are
 * up early, and making networks for the later ones goes on beside starting them.
 */
const ORDER = ['start', 'remove', 'create', 'network'] as const;
type Kind = (typeof ORDER)[number];

/** Lets a few of those that ask at once go on; of the others the nearest to its end first, and of a kind in the order of asking. */
export type InTurn = <T>(kind: Kind, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Turns of one Engine; only for what ends soon. */
export function makeTurns(): InTurn {
  const waiting = new Map<Kind, (() => void)[]>(ORDER.map((kind) => [kind, []]));
  let free = AT_ONCE;

  async function acquire(kind: Kind): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve) => waiting.get(kind)?.push(resolve));
  }

  /** The permit goes to the next one, if anybody waits. */
  function release(): void {
    const next = [...waiting.values()].find((line) => line.length > 0)?.shift();
    if (next) next();
    else free += 1;
  }

  return async (kind, signal, work) => {
    await acquire(kind);
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      release();
    }
  };
}
