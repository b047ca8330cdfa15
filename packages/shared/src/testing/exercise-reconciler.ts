import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../domain/outcome.ts';
import { Crash, type Effects, type Fault, makeEffects } from './effects.ts';

/** A world with one site in it, for one reconciler, over real adapters and simulators. */
export interface World {
  /**
   * Makes the reconciler anew, as a process that just started does, and lets it look once at its condition.
   * @param effects wrap each adapter with it, naming the methods that change something outside
   */
  reconcile(effects: Effects): Promise<Outcome>;
  /** what is there now, as far as it is ours: compared between runs, so without times and random ids */
  observe(): Promise<unknown>;
  /** from now on the aspect is wanted gone */
  wantGone(): Promise<void>;
  /** what belongs to others, beside ours: must stay as it is */
  observeStrangers(): Promise<unknown>;
  /** ways to break what was made, by name */
  drifts: Readonly<Record<string, () => Promise<void>>>;
  close(): Promise<void>;
}

interface Exercise {
  /** a new world, in which the aspect is wanted and nothing of it is there */
  makeWorld(): Promise<World>;
  /** false for a reconciler that only looks */
  hasEffects?: boolean;
  /** looks until a run must have settled, however fast they are */
  maxLooks?: number;
  /** waits between looks where the outside takes its time, in milliseconds; waits of the outcome are cut to it */
  pauseMs?: number;
}

/** So long a run is looked at at least: on a busy machine the outside needs more looks. */
const PATIENCE_MS = 60_000;

/** What every reconciler must withstand (CONVENTIONS §10). Call it inside of a `describe` of its own. */
export function exerciseReconciler({ makeWorld, hasEffects = true, maxLooks = 60, pauseMs = 20 }: Exercise): void {
  const open: World[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.close();
  });
  const newWorld = async (): Promise<World> => {
    const world = await makeWorld();
    open.push(world);
    return world;
  };

  /** Looks until it's settled; a crash or a lost answer is followed by a new process's look, as in life. */
  async function run(world: World, fault?: Fault): Promise<{ outcome: Outcome; effects: Effects; happened: boolean }> {
    let effects = makeEffects(fault);
    let happened = false;
    const deadline = performance.now() + PATIENCE_MS;
    for (let looks = 0; looks < maxLooks || performance.now() < deadline; looks += 1) {
      try {
        const outcome = await world.reconcile(effects);
        if (outcome.kind === 'gone' || (outcome.kind === 'settled' && outcome.status === 'true')) {
          return { outcome, effects, happened };
        }
        if (outcome.kind === 'again' && outcome.status === 'true') return { outcome, effects, happened };
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      } catch (error) {
        if (happened || !fault || effects.count !== fault.at) throw error;
        if (fault.kind === 'killed' && !(error instanceof Crash)) throw error;
        happened = true;
        effects = makeEffects();
      }
    }
    throw new Error(
      `not settled after ${PATIENCE_MS / 1000} s and ${maxLooks} looks; effects: ${effects.names.join(', ')}`,
    );
  }

  async function made(): Promise<{ world: World; wanted: unknown }> {
    const world = await newWorld();
    await run(world);
    return { world, wanted: await world.observe() };
  }

  for (const kind of ['killed', 'answer-lost'] as const) {
    test(`makes what is missing, also when ${kind} after each effect`, async () => {
      const { world, wanted } = await made();
      const strangers = await world.observeStrangers();
      for (let at = 1; ; at += 1) {
        const next = await newWorld();
        const { happened } = await run(next, { at, kind });
        expect(await next.observe(), `after a fault at effect ${at}`).toEqual(wanted);
        expect(await next.observeStrangers()).toEqual(strangers);
        if (!happened) {
          expect(at > 1, 'it has effects').toBe(hasEffects);
          return;
        }
      }
    });

    test(`removes what isn't wanted, also when ${kind} after each effect`, async () => {
      const first = await made();
      const strangers = await first.world.observeStrangers();
      await first.world.wantGone();
      await run(first.world);
      const nothing = await first.world.observe();
      for (let at = 1; ; at += 1) {
        const { world } = await made();
        await world.wantGone();
        const { happened, outcome } = await run(world, { at, kind });
        expect(outcome.kind).toBe('gone');
        expect(await world.observe(), `after a fault at effect ${at}`).toEqual(nothing);
        expect(await world.observeStrangers()).toEqual(strangers);
        if (!happened) return;
      }
    });
  }

  test('does nothing the second time', async () => {
    const { world, wanted } = await made();
    const { effects } = await run(world);
    expect(effects.names).toEqual([]);
    expect(await world.observe()).toEqual(wanted);
  });

  test('is gone at once when nothing was ever made', async () => {
    const world = await newWorld();
    await world.wantGone();
    const { outcome } = await run(world);
    expect(outcome.kind).toBe('gone');
  });

  describe('repairs drift', () => {
    test('of every kind', async () => {
      const { world, wanted } = await made();
      for (const [name, breakIt] of Object.entries(world.drifts)) {
        await breakIt();
        await run(world);
        expect(await world.observe(), name).toEqual(wanted);
      }
    });
  });
}
