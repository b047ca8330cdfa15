import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Making networks and starting containers is bound by the kernel's locks and the processors; a site that keeps its turn reads and writes
 * down in between. Eight did best of four, five, six and eight in one run on two processors, which others disturbed (docs/figures.md).
 */
const AT_ONCE = 8;

/**
 * What a site's way to its container begins with comes last: who is nearest to its end goes first, so that of many sites the first are
 * up early, and making networks for the later ones goes on beside starting them.
 */
const ORDER = ['start', 'remove', 'create', 'network'] as const;
type Kind = (typeof ORDER)[number];

/** Lets a few of those that ask at once go on; of the others the nearest to its end first, and of a kind in the order of asking. */
export type InTurn = <T>(kind: Kind, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Turns of one Engine; only for what ends soon. */
export interface Turns {
  inTurn: InTurn;
  /**
   * All turns that `work` asks for are one, which it keeps from the first on: of many sites at once a few are brought to their end, and
   * then the next, where turns for each call would make all networks first.
   */
  keep<T>(work: () => Promise<T>): Promise<T>;
  /** Within `keep`: others go on meanwhile, and the next call asks anew. For what takes long and needs no turn. */
  giveBack(): void;
}

/** @param atOnce so many turns are given at a time */
export function makeTurns(atOnce = AT_ONCE): Turns {
  const keeping = new AsyncLocalStorage<{ turn?: Promise<void> | undefined; ended: boolean }>();
  const waiting = new Map<Kind, (() => void)[]>(ORDER.map((kind) => [kind, []]));
  let free = atOnce;

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

  /** Who keeps a turn; what outlives it has turns like any other. */
  function keeper() {
    const own = keeping.getStore();
    return own?.ended ? undefined : own;
  }

  function giveBack(): void {
    const own = keeper();
    void own?.turn?.then(release);
    if (own) own.turn = undefined;
  }

  return {
    async inTurn(kind, signal, work) {
      const own = keeper();
      if (own) own.turn ??= acquire(kind);
      await (own ? own.turn : acquire(kind));
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        if (!own) release();
      }
    },
    keep: (work) =>
      keeping.run({ ended: false }, async () => {
        try {
          return await work();
        } finally {
          giveBack();
          const own = keeper();
          if (own) own.ended = true;
        }
      }),
    giveBack,
  };
}
