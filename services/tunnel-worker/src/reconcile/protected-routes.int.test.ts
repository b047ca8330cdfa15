import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { lookUntil } from '../testing/look-until.ts';
import { makePolicyStand } from '../testing/policy-stand.ts';
import { makeReachableStand, type ReachableStand } from '../testing/reachable-stand.ts';
import { openStage, type Stage, type StageHost } from '../testing/stage.ts';

const access = { emails: ['anna@example.org'], emailDomains: [], groups: [], serviceTokens: [], sessionHours: 24 };

let stage: Stage;
let host: StageHost;
const open: ReachableStand[] = [];
beforeAll(async () => {
  stage = await openStage();
  host = await stage.addHost();
});
afterEach(() => Promise.all(open.splice(0).map((stand) => stand.stopContainer())));
afterAll(() => stage.close());

/** A site with a connector, and its protection. */
async function newStands() {
  const stand = await makeReachableStand(stage, host);
  open.push(stand);
  return { ...stand, policy: await makePolicyStand(stage, stand.site) };
}

describe('the routes of a site that shall be protected', () => {
  test('are made once the protection is in force, so that nobody gets in before', async () => {
    const { connector, route, policy } = await newStands();
    await lookUntil(connector.look);
    await policy.want({ access });
    expect(await route.look()).toMatchObject({ kind: 'again', status: 'false', reason: 'ProtectionPending' });
    expect(await route.records()).toEqual([]);
    await policy.settle();
    await lookUntil(route.look);
    for (const name of policy.hostnames) expect(await policy.visit(name)).toBe(302);
  });

  test('wait for a protection as well that somebody wants while they are looked at', async () => {
    const { connector, route, policy } = await newStands();
    await lookUntil(connector.look);
    await route.addRecord('A', '@', '192.0.2.80', { proxied: true });
    const wanted = { hasCertificate: async () => policy.want({ access }).then(() => true) };
    expect(await route.look(undefined, wanted)).toMatchObject({ kind: 'again', reason: 'ProtectionPending' });
    expect(await route.records('www')).toEqual([]);
    await policy.settle();
    await lookUntil(route.look);
    for (const name of policy.hostnames) expect(await policy.visit(name)).toBe(302);
  });

  test('stay where they are while another protection comes into force', async () => {
    const { connector, route, policy } = await newStands();
    await lookUntil(connector.look);
    await lookUntil(route.look);
    await policy.want({ access });
    expect(await route.look()).toMatchObject({ status: 'true', reason: 'RoutesReady' });
  });
});

describe('a site that is protected', () => {
  test('is proven through Access by a token, which its container never sees', async () => {
    const { connector, route, policy, look, answers } = await newStands();
    const seen: string[] = [];
    answers((request, response) => {
      seen.push(...Object.keys(request.headers).filter((name) => name.startsWith('cf-access-client')));
      response.end('hello');
    });
    await policy.want({ access });
    await policy.settle();
    await lookUntil(connector.look);
    await lookUntil(route.look);
    expect(await look()).toMatchObject({ status: 'true', reason: 'Live' });
    await policy.visit(policy.hostnames[0], { identity: 'anna@example.org' });
    expect(seen).toEqual([]);
  });

  test('is proven though the list of who may visit it leaves out whoever looks', async () => {
    const { connector, route, policy, look } = await newStands();
    await policy.want({ ip: { allow: ['192.0.2.0/24'], block: ['127.0.0.0/8'], blockCountries: [] } });
    await policy.settle();
    await lookUntil(connector.look);
    await lookUntil(route.look);
    expect(await look()).toMatchObject({ status: 'true', reason: 'Live' });
    expect(await policy.visit(policy.hostnames[0])).toBe(403);
  });
});
