import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bringUp, makeReachableStand, type ReachableStand } from '../testing/reachable-stand.ts';
import { openStage, type Stage, type StageHost } from '../testing/stage.ts';
import { wantGone } from '../testing/stage-site.ts';

let stage: Stage;
let host: StageHost;
const open: ReachableStand[] = [];
beforeAll(async () => {
  stage = await openStage();
  host = await stage.addHost();
});
afterEach(() => Promise.all(open.splice(0).map((stand) => stand.stopContainer())));
afterAll(() => stage.close());

const newStand = async (): Promise<ReachableStand> => {
  const stand = await makeReachableStand(stage, host);
  open.push(stand);
  return stand;
};
const broughtUp = async (): Promise<ReachableStand> => {
  const stand = await newStand();
  await bringUp(stand);
  return stand;
};

async function makeWorld(): Promise<World> {
  const stand = await broughtUp();
  const { site, connector, route } = stand;
  const types = async () => (await route.records()).map(({ type }) => type);
  return {
    reconcile: stand.look,
    observe: async () => ({ records: await types(), connector: connector.starts() }),
    wantGone: () => wantGone(stage, site),
    observeStrangers: async () => undefined,
    drifts: {},
    close: async () => undefined,
  };
}

describe('reconcileReachable', () => {
  exerciseReconciler({ makeWorld, hasEffects: false });

  test('says live when each host name is answered by the connector and the container', async () => {
    const { site, look, asked } = await broughtUp();
    expect(await look()).toEqual({
      kind: 'settled',
      status: 'true',
      reason: 'Live',
      message: `https://${site.domain}`,
    });
    expect(asked).toEqual(['/', '/']);
  });

  test('looks again while no record leads to the tunnel (1016)', async () => {
    const { look } = await newStand();
    expect(await look()).toMatchObject({ kind: 'again', status: 'false', reason: 'RouteNotEffective' });
  });

  test('looks again while only one of the host names leads to the tunnel', async () => {
    const { site, route, look } = await broughtUp();
    const [www] = await route.records('www');
    await stage.simulator.control.removeRecord(site.domain, www?.id ?? '');
    expect(await look()).toMatchObject({ reason: 'RouteNotEffective', message: expect.stringContaining('www.') });
  });

  test('looks again while the tunnel has no connection (1033)', async () => {
    const { route, look } = await newStand();
    await route.look();
    expect(await look()).toMatchObject({ kind: 'again', status: 'false', reason: 'TunnelNotConnected' });
  });

  test('looks again while the container is down (502)', async () => {
    const { look, stopContainer } = await broughtUp();
    await stopContainer();
    expect(await look()).toMatchObject({
      status: 'false',
      reason: 'ContainerFailing',
      message: expect.stringContaining('502'),
    });
  });

  test.each([
    [200, 'Live'],
    [301, 'Live'],
    [401, 'Live'],
    [404, 'Live'],
    [500, 'ContainerFailing'],
    [503, 'ContainerFailing'],
  ])('takes a page that answers with %i for %s', async (status, reason) => {
    const { look, answers, asked } = await broughtUp();
    answers((_, response) => response.writeHead(status, { location: '/elsewhere' }).end());
    expect(await look()).toMatchObject({ reason });
    expect(asked).not.toContain('/elsewhere');
  });

  test('takes nobody else’s answer for the proof, whatever page there is', async () => {
    const { route, look, site } = await newStand();
    await route.addRecord('A', '@', '192.0.2.1', { proxied: true });
    for (const status of [200, 404, 301, 500]) {
      await stage.simulator.control.setForeignServer('192.0.2.1', { status, body: 'a parked domain' });
      expect(await look(), String(status)).toMatchObject({
        kind: 'again',
        reason: 'NotOurConnector',
        message: expect.stringContaining(site.domain),
      });
    }
  });

  test('takes a connector that runs with a former configuration for no proof', async () => {
    const { connector, look, answers } = await broughtUp();
    const asked: unknown[] = [];
    answers(({ url }, response) => {
      asked.push(url);
      response.writeHead(200).end();
    });
    await stage.db.pool.query('update placements set slot = slot + 1 where id = $1', [connector.placement.placementId]);
    expect(await look()).toMatchObject({ kind: 'again', reason: 'NotOurConnector' });
    expect(asked, 'what was shown to Access would be seen there').toEqual([]);
    await stage.db.pool.query('update placements set slot = slot - 1 where id = $1', [connector.placement.placementId]);
    expect(await look()).toMatchObject({ reason: 'Live' });
  });

  test('looks again while the edge has no certificate', async () => {
    const { site, look } = await broughtUp();
    await stage.simulator.control.holdCertificate(site.domain);
    expect(await look()).toMatchObject({ kind: 'again', status: 'false', reason: 'CertificatePending' });
    await stage.simulator.control.issueCertificate(site.domain);
    expect(await look()).toMatchObject({ reason: 'Live' });
  });

  test('says that a name leads past Cloudflare, and what to do', async () => {
    const { site, look } = await broughtUp();
    expect(await look(undefined, { look: async () => ({ kind: 'leads-past' }) })).toMatchObject({
      kind: 'again',
      status: 'false',
      reason: 'RouteNotEffective',
      message: expect.stringContaining(`${site.domain} leads past Cloudflare`),
    });
  });

  test('looks again while the edge is away', async () => {
    const { look } = await broughtUp();
    await stage.simulator.control.setEdgeUp(false);
    expect(await look()).toMatchObject({ kind: 'again', status: 'false', reason: 'EdgeUnreachable' });
    await stage.simulator.control.setEdgeUp(true);
  });

  test('waits for the tunnel to be known', async () => {
    const { site, look } = await newStand();
    await stage.db.pool.query('update sites set tunnel_id = null where id = $1', [site.siteId]);
    expect(await look()).toMatchObject({ kind: 'again', reason: 'TunnelUnknown' });
  });

  test('is gone as soon as the site leaves, though it still answers', async () => {
    const { site, look, asked } = await broughtUp();
    await wantGone(stage, site);
    expect(await look()).toMatchObject({ kind: 'gone' });
    expect(asked).toEqual([]);
  });
});
