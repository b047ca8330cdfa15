import { randomBytes } from 'node:crypto';
import { systemChance } from '@berth/shared/runtime/chance';
import { noHints } from '@berth/shared/runtime/hints';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { exerciseReconciler, type World } from '@berth/shared/testing/exercise-reconciler';
import { stillWork } from '@berth/shared/testing/still-work';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { makeCloudflareTunnels } from '../adapters/cloudflare-tunnels.ts';
import { lookUntil } from '../testing/look-until.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { createTunnel, orderSite, placeOn, type StageSite, wantGone } from '../testing/stage-site.ts';
import { makeReconcileTunnel } from './reconcile-tunnel.ts';

const aSignal = () => new AbortController().signal;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterEach(() => stage.simulator.control.behave());
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

const done = (site: StageSite) => lookUntil(() => reconcile(site));
const secretOf = (tunnelId: string) => makeCloudflareTunnels(stage.cloudflare).readSecret(tunnelId, aSignal());

async function liveTunnels({ key }: StageSite) {
  const tunnels = await stage.simulator.control.listTunnels();
  return tunnels.filter((tunnel) => tunnel.name === `customer-${key}`);
}

async function siteRow({ siteId }: StageSite) {
  const { rows } = await stage.db.pool.query('select tunnel_id, tunnel_secret_enc from sites where id = $1', [siteId]);
  return { tunnelId: rows[0].tunnel_id as string, secretEnc: rows[0].tunnel_secret_enc as string };
}

const carriesOurSecret = async (site: StageSite, tunnelId: string) =>
  (await secretOf(tunnelId)).reveal() === stage.vault.decrypt((await siteRow(site)).secretEnc).reveal();

/** The tunnel is the site's, as the site's row knows it, with the secret that the row holds. */
async function observe(site: StageSite) {
  const tunnels = await liveTunnels(site);
  const { tunnelId } = await siteRow(site);
  return Promise.all(
    tunnels.map(async ({ id }) => ({ bound: id === tunnelId, ours: await carriesOurSecret(site, id) })),
  );
}

/** Connects to a tunnel and comes back at once whenever the edge drops the connection. @returns how to leave for good */
async function keepConnected(tunnelId: string): Promise<() => void> {
  const tunnelSecret = (await secretOf(tunnelId)).reveal();
  const connector = { connectorId: tunnelId, version: '1', arch: 'test', handle: () => undefined };
  let leave = () => {};
  let staying = true;
  const connect = async (): Promise<void> => {
    const credentials = { accountTag: stage.simulator.accountId, tunnelId, tunnelSecret };
    const connection = await stage.simulator.edge.register(credentials, connector);
    leave = () => connection.unregister();
    connection.onClosed(() => {
      if (staying) void connect();
    });
  };
  await connect();
  return () => {
    staying = false;
    leave();
  };
}

describe('reconcileTunnel', () => {
  exerciseReconciler({
    async makeWorld(): Promise<World> {
      const site = await orderSite(stage);
      const stranger = await createTunnel(stage, `stranger-${site.key}`, randomBytes(32).toString('base64'));
      return {
        reconcile: (effects) => reconcile(site, effects),
        observe: () => observe(site),
        wantGone: () => wantGone(stage, site),
        observeStrangers: async () => {
          const tunnels = await stage.simulator.control.listTunnels();
          return tunnels.filter(({ id }) => id === stranger).map(({ connections }) => connections);
        },
        drifts: {
          'somebody deletes the tunnel': async () => {
            await makeCloudflareTunnels(stage.cloudflare).remove((await siteRow(site)).tunnelId, aSignal());
          },
        },
        close: async () => {
          await makeCloudflareTunnels(stage.cloudflare).remove(stranger, aSignal());
        },
      };
    },
  });

  test('makes one tunnel when the answer to its creation is lost at Cloudflare', async () => {
    const site = await orderSite(stage);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/cfd_tunnel$', kind: 'lost-answer' });
    await expect(reconcile(site)).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    await done(site);
    expect(await observe(site)).toEqual([{ bound: true, ours: true }]);
  });

  test('keeps the secret that was stored first', async () => {
    const site = await orderSite(stage);
    await done(site);
    const before = await siteRow(site);
    await makeCloudflareTunnels(stage.cloudflare).remove(before.tunnelId, aSignal());
    await done(site);
    const after = await siteRow(site);
    expect(after.secretEnc).toBe(before.secretEnc);
    expect(after.tunnelId).not.toBe(before.tunnelId);
  });

  test("leaves a stranger's tunnel of its name alone and says so", async () => {
    const site = await orderSite(stage);
    const theirs = await createTunnel(stage, `customer-${site.key}`, randomBytes(32).toString('base64'));
    await expect(reconcile(site)).rejects.toMatchObject({ code: 'tunnel.name-taken', retryAfterMs: 60_000 });
    await wantGone(stage, site);
    expect(await done(site)).toMatchObject({ kind: 'gone' });
    expect((await liveTunnels(site)).map(({ id }) => id)).toEqual([theirs]);
  });

  test('takes the name as soon as the stranger has left it', async () => {
    const site = await orderSite(stage);
    const theirs = await createTunnel(stage, `customer-${site.key}`, randomBytes(32).toString('base64'));
    await expect(reconcile(site)).rejects.toMatchObject({ code: 'tunnel.name-taken' });
    await makeCloudflareTunnels(stage.cloudflare).remove(theirs, aSignal());
    await done(site);
    expect(await observe(site)).toEqual([{ bound: true, ours: true }]);
  });

  test('stores no secret in the clear', async () => {
    const site = await orderSite(stage);
    await done(site);
    const { tunnelId } = await siteRow(site);
    const secret = (await secretOf(tunnelId)).reveal();
    const { rows } = await stage.db.pool.query('select s::text as text from sites s where id = $1', [site.siteId]);
    expect(rows[0].text).not.toContain(secret);
  });

  test('leaves by and by while a connector keeps coming back', async () => {
    const site = await orderSite(stage);
    await done(site);
    const leave = await keepConnected((await siteRow(site)).tunnelId);
    await wantGone(stage, site);
    expect(await reconcile(site)).toMatchObject({ kind: 'again', reason: 'ConnectionsLeft' });
    expect(await liveTunnels(site)).toHaveLength(1);
    leave();
    expect(await done(site)).toMatchObject({ kind: 'gone' });
    expect(await liveTunnels(site)).toEqual([]);
  });

  test('leaves with a tunnel whose creation was never answered', async () => {
    const site = await orderSite(stage);
    await stage.simulator.control.misbehave({ method: 'POST', path: '/cfd_tunnel$', kind: 'lost-answer' });
    await expect(reconcile(site)).rejects.toThrow();
    await wantGone(stage, site);
    await done(site);
    expect(await liveTunnels(site)).toEqual([]);
  });

  test('leaves with a tunnel that was made anew and whose second creation was never answered', async () => {
    const site = await orderSite(stage);
    await done(site);
    await makeCloudflareTunnels(stage.cloudflare).remove((await siteRow(site)).tunnelId, aSignal());
    await stage.simulator.control.misbehave({ method: 'POST', path: '/cfd_tunnel$', kind: 'lost-answer' });
    await expect(reconcile(site)).rejects.toThrow();
    expect(await liveTunnels(site)).toHaveLength(1);
    await wantGone(stage, site);
    await done(site);
    expect(await liveTunnels(site)).toEqual([]);
  });

  test('has nothing to say about a tunnel while Cloudflare does not answer', async () => {
    const site = await orderSite(stage);
    await done(site);
    await stage.simulator.control.misbehave({ kind: '5xx', status: 503 });
    await expect(reconcile(site)).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    await wantGone(stage, site);
    await stage.simulator.control.misbehave({ kind: 'html-5xx' });
    await expect(reconcile(site)).rejects.toMatchObject({ code: 'cloudflare.unavailable' });
    expect(await observe(site)).toEqual([{ bound: true, ours: true }]);
  });

  describe('in the table of tunnels', () => {
    const tunnelRows = async ({ siteId }: StageSite) => {
      const { rows } = await stage.db.pool.query(
        'select tunnel_id, status from customer_tunnels where site_id = $1 order by created_at',
        [siteId],
      );
      return rows;
    };
    const noteConnected = (site: StageSite, placementId: string) =>
      stage.db.pool.query(
        `insert into customer_tunnels (customer_id, order_id, tunnel_id, tunnel_name, domain, port, config_path, status, site_id, placement_id)
        select customer_id, order_id, tunnel_id, 'customer-' || key, domain, 3100, '/c', 'active', id, $2 from sites where id = $1`,
        [site.siteId, placementId],
      );

    test('says deleted once the tunnel was observed absent, not before', async () => {
      const site = await orderSite(stage);
      await done(site);
      const { placementId } = await placeOn(stage, site, (await stage.addHost()).id);
      await noteConnected(site, placementId);
      await wantGone(stage, site);
      await reconcile(site);
      expect(await tunnelRows(site)).toMatchObject([{ status: 'active' }]);
      await done(site);
      expect(await tunnelRows(site)).toMatchObject([{ status: 'deleted' }]);
    });

    test('says deleted of a tunnel that somebody deleted, and wakes those who must follow the new one', async () => {
      const site = await orderSite(stage);
      await done(site);
      const { placementId } = await placeOn(stage, site, (await stage.addHost()).id);
      await noteConnected(site, placementId);
      const { tunnelId } = await siteRow(site);
      await stage.db.pool.query(`update site_conditions set due_at = null where site_id = $1`, [site.siteId]);
      await makeCloudflareTunnels(stage.cloudflare).remove(tunnelId, aSignal());
      await done(site);
      expect(await tunnelRows(site)).toEqual([{ tunnel_id: tunnelId, status: 'deleted' }]);
      const { rows } = await stage.db.pool.query(
        'select aspect from site_conditions where site_id = $1 and due_at <= now() order by aspect',
        [site.siteId],
      );
      expect(rows.map(({ aspect }) => aspect)).toEqual(['connector', 'reachable', 'route']);
    });
  });
});
