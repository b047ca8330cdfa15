import type { Protection } from '@berth/shared/domain/protection';
import { makeEffects } from '@berth/shared/testing/effects';
import { makeApiClient } from '@berth/simulators/testing/make-api-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { makePolicyViews } from '../testing/policy-view.ts';
import { openStage, type Stage } from '../testing/stage.ts';

type Wish = Partial<Protection>;
type Views = ReturnType<typeof makePolicyViews>;
type Fault = Parameters<Stage['simulator']['control']['misbehave']>[0];

let stage: Stage;
let views: Views;
let program: string;
beforeAll(async () => {
  stage = await openStage();
  const path = `/accounts/${stage.simulator.accountId}/access/service_tokens`;
  const made = (await makeApiClient(stage.simulator)('POST', path, { name: 'a program' })).body.result;
  program = made.id;
  views = makePolicyViews(stage, { clientId: made.client_id, clientSecret: made.client_secret });
  // The account's own token and policy are made once, with the first of its sites.
  const first = await makePolicyStand(stage);
  await first.want({ access: only('anna') });
  await first.settle();
});
afterEach(() => stage.simulator.control.behave());
afterAll(() => stage.close());

const only = (name: string, serviceTokens: string[] = []) => ({
  emails: [`${name}@example.org`],
  emailDomains: [],
  groups: [],
  serviceTokens,
  sessionHours: 24,
});
const without = (block: string) => ({ allow: [], block: [block], blockCountries: [] });
const atMost = (requests: number) => ({
  rateLimit: { requests, periodSeconds: 10, timeoutSeconds: 10, path: '/', action: 'block' as const },
});

const everything = (): Wish => ({
  access: only('anna', [program]),
  ip: without('203.0.113.0/24'),
  ...atMost(100_000),
  underAttack: true,
});

/** Two protections, of which the one becomes the other and back; functions, since ids of tokens are known late. */
const pairs: Record<string, () => [one: Wish, other: Wish]> = {
  'comes into force and is taken away': () => [{}, everything()],
  'lets others in, and lets programs in and out': () => [
    everything(),
    { ...everything(), access: { ...only('bert'), sessionHours: 2 } },
  ],
  'follows other rules': () => [everything(), { ...everything(), ip: without('192.0.2.0/24'), ...atMost(200_000) }],
  'is of Access now, and of rules then': () => [
    { access: only('anna', [program]), underAttack: true },
    { ip: without('203.0.113.0/24'), ...atMost(100_000) },
  ],
};

const CHANGING = ['POST', 'PUT', 'PATCH', 'DELETE'];
/** How calls of some methods go wrong. */
const faults: Record<string, { fault: Fault; methods: readonly string[] }> = {
  'an answer is lost': { fault: { kind: 'lost-answer' }, methods: CHANGING },
  'Cloudflare says 429': { fault: { kind: '429', retryAfterSeconds: 1 }, methods: CHANGING },
  'Cloudflare says 503': { fault: { kind: '5xx', status: 503 }, methods: ['GET', ...CHANGING] },
  'what is made is said to be there (409)': {
    fault: { kind: 'refusal', status: 409, code: 12_130 },
    methods: ['POST'],
  },
  'the quota is used up (20217)': { fault: { kind: 'refusal', status: 403, code: 20_217 }, methods: ['POST'] },
  'what is changed is said to be gone (404)': {
    fault: { kind: 'refusal', status: 404, code: 10_003 },
    methods: ['POST', 'PUT', 'PATCH'],
  },
};

/** A site with rules of others beside its own. */
async function newStand(): Promise<PolicyStand> {
  const stand = await makePolicyStand(stage);
  await stage.simulator.control.setPlan(stand.site.domain, 'pro');
  await stage.db.pool.query(`update zones set plan = 'pro' where cf_zone_id = $1`, [stand.site.cfZoneId]);
  await views.addStrangers(stand);
  return stand;
}

interface Seen {
  guests: Set<string>;
  view: Awaited<ReturnType<Views['view']>>;
}
const see = async (stand: PolicyStand): Promise<Seen> => ({
  guests: await views.guests(stand),
  view: await views.view(stand),
});

/** In between: nobody is in whom neither lets in, nobody out whom both let in, and nothing stands twice or without a policy. */
function expectBetween(seen: Seen, former: Seen, next: Seen, when: string): void {
  const { guests, view } = seen;
  const intruders = [...guests].filter((who) => !former.guests.has(who) && !next.guests.has(who));
  const lockedOut = [...former.guests].filter((who) => next.guests.has(who) && !guests.has(who));
  const needed = former.view.apps.length > 0 && next.view.apps.length > 0 ? 1 : 0;
  const told = { intruders, lockedOut, apps: view.apps.length >= needed && view.apps.length <= 1 };
  expect(told, when).toEqual({ intruders: [], lockedOut: [], apps: true });
  for (const policies of view.apps) expect(policies.length, when).toBeGreaterThan(1);
  for (const all of [view.rules, view.policies]) expect(new Set(all).size, when).toBe(all.length);
  expect(view.theirs, when).toBe(next.view.theirs);
}

/** One way of a pair: what is wanted, how it looked before and looks then, and what is done on the way when all goes well. */
interface Way {
  to: Wish;
  former: Seen;
  next: Seen;
  calls: { method: string; path: string }[];
  effects: readonly string[];
}

/** Goes there and back once, without a fault. */
async function rehearse(stand: PolicyStand, [one, other]: [Wish, Wish]): Promise<Way[]> {
  const go = async (to: Wish) => {
    await stand.want(to);
    await stage.simulator.control.clearCalls();
    const effects = makeEffects();
    await stand.look(effects);
    const calls = await stage.simulator.control.calls();
    return { to, calls, effects: effects.names, next: await see(stand) };
  };
  const { next: atOne } = await go(one);
  const there = await go(other);
  const back = await go(one);
  expect(back.next).toEqual(atOne);
  return [
    { ...there, former: atOne },
    { ...back, former: there.next },
  ];
}

/** Goes there and back until each step of both ways has been gone wrong at. @param fail lets the look fail at a step, and says which */
async function failEach(
  stand: PolicyStand,
  ways: Way[],
  stepsOf: (way: Way) => number,
  fail: (way: Way, index: number) => Promise<string>,
): Promise<void> {
  const most = Math.max(...ways.map(stepsOf));
  for (let index = 0; index < most; index += 1) {
    for (const way of ways) {
      await stand.want(way.to);
      if (index < stepsOf(way)) {
        const when = await fail(way, index);
        expectBetween(await see(stand), way.former, way.next, when);
      }
      await stand.settle();
      expect(await views.view(stand)).toEqual(way.next.view);
    }
  }
  expect(await views.guests(stand)).toEqual(ways.at(-1)?.next.guests);
}

describe.each(Object.entries(pairs))('a protection that %s', (_pair, wishes) => {
  test.each(Object.entries(faults))('is the former or the new one when %s', async (_fault, { fault, methods }) => {
    const stand = await newStand();
    const ways = await rehearse(stand, wishes());
    const stepsOf = ({ calls }: Way) => calls.flatMap(({ method }, index) => (methods.includes(method) ? [index] : []));
    await failEach(
      stand,
      ways,
      (way) => stepsOf(way).length,
      async (way, index) => {
        const after = stepsOf(way)[index] ?? 0;
        const { method, path } = way.calls[after] ?? {};
        await stage.simulator.control.misbehave({ ...fault, after });
        await expect(stand.look(), `${method} ${path}`).rejects.toHaveProperty('code');
        await stage.simulator.control.behave();
        await stage.db.pool.query('update cloudflare_accounts set blocked_until = null');
        return `${method} ${path}`;
      },
    );
  });

  test('is the former or the new one when the process dies after each effect', async () => {
    const stand = await newStand();
    const ways = await rehearse(stand, wishes());
    await failEach(
      stand,
      ways,
      ({ effects }) => effects.length,
      async ({ effects }, index) => {
        const dying = stand.look(makeEffects({ at: index + 1, kind: 'killed' }));
        await expect(dying).rejects.toThrow(`killed after ${effects[index]}`);
        return `killed after ${effects[index]}`;
      },
    );
  });
});
