import { makeTimer } from '@berth/shared/runtime/timer';
import { type DelivererDeps, makeDeliverer } from './deliver/deliverer.ts';
import { makePacedRound, type PacedRound } from './paced-round.ts';
import { type LookDeps, makeLooks } from './reconcile/looks.ts';

/** The notifier's rounds: what is there to tell, and what is due to be sent. */
export interface Notifier {
  start(): void;
  /** Does all that there is to do now, until nothing is; for tests and single steps. */
  settle(): Promise<void>;
  /** Looks soon whether something happened. */
  look(): void;
  drain(timeoutMs: number): Promise<void>;
}

type NotifierDeps = Omit<DelivererDeps, 'onEnd'> & LookDeps;

const DELIVERIES = 'deliveries';
/** Of many messages to one place several end within that time, and as many are taken at once then. */
const NEXT_AFTER_MS = 10;

/** Makes the notifier; nothing runs before `start` or `settle`. */
export function makeNotifier(deps: NotifierDeps): Notifier {
  const { clock, log } = deps;
  const deliverer = makeDeliverer({ ...deps, onEnd: () => timer.expectIn(NEXT_AFTER_MS) });
  const looks = makeLooks(deps);
  const rounds = new Map<string, PacedRound>(
    Object.entries(looks).map(([name, { everyMs, look }]) => [
      name,
      makePacedRound(clock, everyMs, async () => {
        const { found, more } = await look();
        if (found > 0) timer.expectIn(0);
        return more;
      }),
    ]),
  );
  const timer = makeTimer({
    clock,
    log,
    queues: [...rounds.keys(), DELIVERIES],
    nextDueMs: async (name, horizonMs) => rounds.get(name)?.nextMs() ?? deliverer.nextMs(horizonMs),
    async takeDue(name) {
      const round = rounds.get(name);
      if (round) return round.take();
      await deliverer.begin();
      // What is left over has no room, or is due: `nextDueMs` says which.
      return { more: false };
    },
    // each round minds its own room
    permits: { free: 1 },
  });

  return {
    start: () => timer.start(),
    look() {
      rounds.get('news')?.soon();
      timer.expectIn(0);
    },
    async settle() {
      for (;;) {
        let found = 0;
        for (const { look } of Object.values(looks)) found += (await look()).found;
        const begun = await deliverer.begin();
        await Promise.all(begun);
        if (found === 0 && begun.length === 0) return;
      }
    },
    async drain(timeoutMs) {
      timer.stop();
      await deliverer.drain(timeoutMs);
    },
  };
}
