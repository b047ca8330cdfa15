import { closeProtection, tellRepairedProtection, touchProtection } from '@berth/shared/store/policy-wishes';
import { untilBlocked } from '@berth/shared/testing/blocked-statements';
import { Crash, type Effects, makeEffects } from '@berth/shared/testing/effects';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makePolicyStand, type PolicyStand } from '../testing/policy-stand.ts';
import { openStage, type Stage } from '../testing/stage.ts';

const people = { emails: ['anna@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };
const ip = { allow: [], block: ['203.0.113.0/24'], blockCountries: ['KP'] };

let stage: Stage;
let stand: PolicyStand;
beforeAll(async () => {
  stage = await openStage();
});
beforeEach(async () => {
  stand = await makePolicyStand(stage);
});
afterAll(() => stage.close());

/** Has something happen after each effect. */
function effectsThat(after: (name: string) => Promise<void>): Effects {
  const wrap: Effects['wrap'] = (adapter, effects) =>
    new Proxy(adapter, {
      get(target, property, receiver) {
        const value: unknown = Reflect.get(target, property, receiver);
        if (typeof value !== 'function' || !(effects as readonly unknown[]).includes(property)) return value;
        return async (...args: unknown[]) => {
          const result: unknown = await value.apply(target, args);
          await after(String(property));
          return result;
        };
      },
    });
  return { ...makeEffects(), wrap };
}

/** Somebody who gets to one place, and stays there until it is over. */
function makePause() {
  let arrive = () => undefined as unknown;
  let end = () => undefined as unknown;
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const here = () => {
    arrive();
    return over;
  };
  return { reached, here, end: () => end() };
}

describe('the protection of a site, under looks that are late,', () => {
  test('is forgotten in no part where a look that is late tells of fewer, and who took over died', async () => {
    await stand.want({ ip });
    const pause = makePause();
    const sleeper = stand.look(effectsThat(pause.here));
    await pause.reached;
    await stand.want({ ip, access: people });
    const dying = effectsThat(async (name) => {
      if (name === 'createApplication') throw new Crash(`killed after ${name}`);
    });
    await expect(stand.look(dying)).rejects.toThrow('killed after createApplication');
    pause.end();
    await expect(sleeper).rejects.toMatchObject({ code: 'lease.lost' });
    await stand.want({});
    await stand.settle();
    const open = stand.hostnames.map((name) => stand.visit(name));
    expect(await Promise.all(open), 'what was made in between is gone').toEqual([200, 200]);
  });

  test('is written and told of by nobody from whom another took over', async () => {
    await stand.want({ ip });
    await stand.settle();
    const kept = async () =>
      (await stage.db.pool.query('select * from site_protections where site_id = $1', [stand.site.siteId])).rows[0];
    const [before, former] = [await kept(), await stand.take()];
    await stand.take();
    const { siteId, key: siteKey } = stand.site;
    const told = { siteKey, part: 'ip', before: null, after: ip, causeId: null } as const;
    const late = [
      touchProtection(stage.db, siteId, former, ['access']),
      tellRepairedProtection(stage.db, siteId, former, told),
      closeProtection(stage.db, siteId, former),
    ];
    await Promise.all(late.map((one) => expect(one).rejects.toMatchObject({ code: 'lease.lost' })));
    expect(await kept()).toEqual(before);
    expect(await stand.events('protection.repaired')).toEqual([]);
  });

  test('waits with what is written of it for whoever is just taking over', async () => {
    await stand.want({ ip });
    const { siteId } = stand.site;
    const former = await stand.take();
    const other = await stage.db.pool.connect();
    try {
      await other.query('begin');
      await other.query(`update site_conditions set lease_no = lease_no + 1 where site_id = $1 and aspect = 'policy'`, [
        siteId,
      ]);
      // Heard from here on: its answer may come before that of the commit.
      const marking = touchProtection(stage.db, siteId, former, ['access']);
      const refused = expect(marking).rejects.toMatchObject({ code: 'lease.lost' });
      await untilBlocked(stage.db);
      await other.query('commit');
      await refused;
    } finally {
      other.release();
    }
  });
});
