import type { Protection } from '@berth/shared/domain/protection';
import { makeEffects } from '@berth/shared/testing/effects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { makePolicyViews } from '../testing/policy-view.ts';
import { openStage, type Stage } from '../testing/stage.ts';

type Wish = Partial<Protection>;

let stage: Stage;
let views: ReturnType<typeof makePolicyViews>;
beforeAll(async () => {
  stage = await openStage();
  views = makePolicyViews(stage, { clientId: 'none', clientSecret: 'none' });
  // The account's own token and policy are made once, with the first of its sites.
  const first = await makePolicyStand(stage);
  await first.want({ access: only('anna') });
  await first.settle();
});
afterAll(() => stage.close());

const only = (name: string) => ({
  emails: [`${name}@example.org`],
  emailDomains: [],
  groups: [],
  serviceTokens: [],
  sessionHours: 24,
});
const without = (block: string) => ({ allow: [], block: [block], blockCountries: [] });
const ONE = '203.0.113.0/24';
const OTHER = '192.0.2.0/24';

/** What is in force, what is wanted then, and what is wanted before that has come into force. */
const chains: Record<string, [former: Wish, given_up: Wish, next: Wish]> = {
  'Access, a list, both': [
    { access: only('anna') },
    { ip: without(ONE) },
    { access: only('anna'), ip: without(OTHER) },
  ],
  'a list, Access, both': [{ ip: without(ONE) }, { access: only('anna') }, { access: only('bert'), ip: without(ONE) }],
  'under attack, Access, all': [
    { underAttack: true },
    { access: only('anna') },
    { access: only('bert'), underAttack: true, ip: without(ONE) },
  ],
};

/** Whom a protection lets in, once it is in force. */
async function guestsOf(wish: Wish): Promise<Set<string>> {
  const stand = await makePolicyStand(stage);
  await stand.want(wish);
  await stand.settle();
  return views.guests(stand);
}

/** @returns what was done until the process died, at the latest after effect `at`; undefined: it did all */
async function lookUntilKilled(stand: PolicyStand, at: number): Promise<string | undefined> {
  const effects = makeEffects({ at, kind: 'killed' });
  const killed = await stand.look(effects).then(
    () => false,
    () => true,
  );
  return killed ? effects.names.join(', ') : undefined;
}

const MOST = 20;

describe.each(Object.entries(chains))(
  'a protection that is wanted otherwise before it is in force (%s)',
  (_, chain) => {
    test('lets nobody in whom none of them does, whenever the process dies', async () => {
      const [former, givenUp, next] = chain;
      const meant = await Promise.all(chain.map(guestsOf));
      for (let first = 1; first <= MOST; first += 1) {
        let done: string | undefined;
        for (let second = 1; second <= MOST; second += 1) {
          const stand = await makePolicyStand(stage);
          await stand.want(former);
          await stand.settle();
          await stand.want(givenUp);
          done = await lookUntilKilled(stand, first);
          if (done === undefined) break;
          await stand.want(next);
          const then = await lookUntilKilled(stand, second);
          const guests = await views.guests(stand);
          const intruders = [...guests].filter((who) => !meant.some((all) => all.has(who)));
          expect(intruders, `killed after ${done}; then after ${then}`).toEqual([]);
          if (then === undefined) break;
        }
        if (done === undefined) break;
      }
    });
  },
);
