import { randomBytes } from 'node:crypto';
import { systemChance } from '@berth/shared/runtime/chance';
import { noHints } from '@berth/shared/runtime/hints';
import { type Effects, type Fault, makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCloudflareTunnels } from '../adapters/cloudflare-tunnels.ts';
import { lookUntil } from '../testing/look-until.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { orderSite, placeOn, type StageSite, wantGone } from '../testing/stage-site.ts';
import { makeReconcileTunnel } from './reconcile-tunnel.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

function reconcile({ siteId }: StageSite, effects: Effects = makeEffects()) {
  const { db, vault, cloudflare } = stage;
  const tunnels = effects.wrap(makeCloudflareTunnels(cloudflare), [
    'create',
    'changeSecret',
    'dropConnections',
    'remove',
  ]);
  return makeReconcileTunnel({ db, vault, chance: systemChance, hints: noHints, tunnels })(stillWork('tunnel', siteId));
}
const done = (site: StageSite, effects?: Effects) => lookUntil(() => reconcile(site, effects));

async function rowOf({ siteId }: StageSite) {
  const { rows } = await stage.db.pool.query(
    'select tunnel_id, tunnel_secret_enc, former_secret_enc from sites where id = $1',
    [siteId],
  );
  const { tunnel_id: tunnelId, tunnel_secret_enc: secretEnc, former_secret_enc: formerEnc } = rows[0];
  return { tunnelId: tunnelId as string, secret: stage.vault.decrypt(secretEnc).reveal(), formerEnc };
}

/** What placing does when a site leaves a host that is lost. */
const leaveHost = ({ siteId }: StageSite) =>
  stage.db.pool.query(
    `update sites set former_secret_enc = coalesce(former_secret_enc, tunnel_secret_enc), tunnel_secret_enc = $2 where id = $1`,
    [siteId, stage.vault.encrypt(randomBytes(32).toString('base64'))],
  );

/** A connector of the former host: it comes back at once whenever it loses its connection. @returns what it was refused with */
async function formerConnector(site: StageSite): Promise<{ refusals: string[] }> {
  const { tunnelId, secret: tunnelSecret } = await rowOf(site);
  const refusals: string[] = [];
  const connector = { connectorId: 'former', version: '1', arch: 'test', handle: () => undefined };
  const connect = async (): Promise<void> => {
    try {
      const credentials = { accountTag: stage.simulator.accountId, tunnelId, tunnelSecret };
      (await stage.simulator.edge.register(credentials, connector)).onClosed(() => void connect());
    } catch (error) {
      refusals.push(String(error));
    }
  };
  await connect();
  return { refusals };
}

async function observe(site: StageSite) {
  const tunnels = (await stage.simulator.control.listTunnels()).filter(({ name }) => name === `customer-${site.key}`);
  const { tunnelId, secret, formerEnc } = await rowOf(site);
  return Promise.all(
    tunnels.map(async ({ id, connections }) => ({
      bound: id === tunnelId,
      ours:
        (await makeCloudflareTunnels(stage.cloudflare).readSecret(id, new AbortController().signal)).reveal() ===
        secret,
      connections,
      former: formerEnc,
    })),
  );
}
const changed = [{ bound: true, ours: true, connections: 0, former: null }];

describe('a tunnel whose site left a lost host', () => {
  test('gets another secret, and the connector of the former host never comes back', async () => {
    const site = await orderSite(stage);
    await done(site);
    const former = await formerConnector(site);
    await leaveHost(site);
    expect(await done(site)).toMatchObject({ reason: 'TunnelReady' });
    expect(await observe(site)).toEqual(changed);
    expect(former.refusals).toEqual(['Error: Unauthorized: Invalid tunnel secret']);
  });

  test.each<Fault['kind']>(['killed', 'answer-lost'])('does so also when %s after each effect', async (kind) => {
    for (let at = 1; ; at += 1) {
      const site = await orderSite(stage);
      await done(site);
      await formerConnector(site);
      await leaveHost(site);
      const effects = makeEffects({ at, kind });
      await done(site, effects).catch(() => undefined);
      await done(site);
      expect(await observe(site), `after a fault at effect ${at}`).toEqual(changed);
      if (effects.count < at) {
        expect(at).toBe(3);
        return;
      }
    }
  });

  test('does nothing the second time, and asks Cloudflare no more than before', async () => {
    const site = await orderSite(stage);
    await done(site);
    await leaveHost(site);
    await done(site);
    await stage.simulator.control.clearCalls();
    await done(site);
    expect(await stage.simulator.control.callCounts()).toEqual({ 'GET /accounts/:id/cfd_tunnel/:id': 1 });
  });

  test('lets the next connector start only then', async () => {
    const site = await orderSite(stage);
    await done(site);
    const { placementId } = await placeOn(stage, site, (await stage.addHost()).id);
    const due = async () =>
      (
        await stage.db.pool.query(
          `select aspect from site_conditions where site_id = $1 and due_at <= now() and aspect in ('connector', 'reachable') order by 1`,
          [site.siteId],
        )
      ).rows.map(({ aspect }) => aspect);
    await leaveHost(site);
    await stage.db.pool.query('update site_conditions set due_at = null where site_id = $1', [site.siteId]);
    expect(await reconcile(site)).toMatchObject({ kind: 'again', reason: 'TunnelSecretChanging' });
    expect(await due()).toEqual([]);
    await done(site);
    expect(await due()).toEqual(['connector', 'reachable']);
    expect(placementId).toBeTruthy();
  });

  test('is known by its former secret when the answer to its creation was lost before', async () => {
    const site = await orderSite(stage);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/cfd_tunnel$', kind: 'lost-answer' });
    await expect(reconcile(site)).rejects.toThrow();
    await leaveHost(site);
    await leaveHost(site);
    await done(site);
    expect(await observe(site)).toEqual(changed);
    await wantGone(stage, site);
    expect(await done(site)).toMatchObject({ kind: 'gone' });
    expect(await observe(site)).toEqual([]);
  });

  test('leaves as well, known by its former secret', async () => {
    const site = await orderSite(stage);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/cfd_tunnel$', kind: 'lost-answer' });
    await expect(reconcile(site)).rejects.toThrow();
    await leaveHost(site);
    await wantGone(stage, site);
    expect(await done(site)).toMatchObject({ kind: 'gone' });
    expect(await observe(site)).toEqual([]);
  });

  test('is made anew with the next secret when somebody deleted it', async () => {
    const site = await orderSite(stage);
    await done(site);
    await makeCloudflareTunnels(stage.cloudflare).remove((await rowOf(site)).tunnelId, new AbortController().signal);
    await leaveHost(site);
    await done(site);
    expect(await observe(site)).toEqual(changed);
  });
});
