import { customerName } from '@berth/shared/domain/names';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Secret } from '@berth/shared/runtime/secret';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  bindTunnel,
  closeTunnel,
  keepTunnelSecrets,
  readTunnelWish,
  type TunnelWish,
} from '@berth/shared/store/tunnels';
import type { Tunnels } from './tunnel-access.ts';

interface Deps {
  db: Database;
  vault: Vault;
  chance: Chance;
  tunnels: Tunnels;
}

const CONNECTIONS_LEFT_MS = 2000;

/** Aspect `tunnel`: the site has a tunnel of its own at Cloudflare, with a secret of ours. */
export function makeReconcileTunnel(deps: Deps): Reconciler {
  return async function reconcileTunnel(work) {
    const wish = await readTunnelWish(deps.db, work.siteId);
    return wish.wanted === 'deleted' ? leave(deps, work, wish) : arrive(deps, work, wish);
  };
}

async function arrive({ db, vault, chance, tunnels }: Deps, work: Work, wish: TunnelWish): Promise<Outcome> {
  const { signal } = work.lease;
  const name = customerName(wish.siteKey);
  if (wish.tunnelId && (await tunnels.exists(wish.tunnelId, signal))) return settled('TunnelReady', name);
  const sealed = await keepTunnelSecrets(db, work.siteId, {
    tunnelSecretEnc: wish.tunnelSecretEnc ?? vault.encrypt(chance.bytes(32).toString('base64')),
    proofSecretEnc: wish.proofSecretEnc ?? vault.encrypt(chance.bytes(32).toString('base64url')),
  });
  const secret = vault.decrypt(sealed);
  const found = await tunnels.findByName(name, signal);
  if (found) {
    await mustBeOurs(tunnels, found, name, secret, signal);
    await bindTunnel(db, work.siteId, found);
    return settled('TunnelReady', name);
  }
  await work.lease.assert();
  // "The name is taken" is a failure like any other: the next look finds the tunnel by its name, and asks whose it is.
  await bindTunnel(db, work.siteId, await tunnels.create(name, secret, signal));
  return settled('TunnelReady', name);
}

async function mustBeOurs(
  tunnels: Tunnels,
  tunnelId: string,
  name: string,
  secret: Secret,
  signal: AbortSignal,
): Promise<void> {
  const carried = await tunnels.readSecret(tunnelId, signal);
  if (carried.reveal() === secret.reveal()) return;
  throw new BerthError(
    'tunnel.name-taken',
    `a tunnel ${name} that Berth did not make exists; rename or delete it at Cloudflare`,
    {
      retryAfterMs: 60_000,
    },
  );
}

async function leave({ db, vault, tunnels }: Deps, work: Work, wish: TunnelWish): Promise<Outcome> {
  const { signal } = work.lease;
  const tunnelId = await findOurs({ vault, tunnels }, wish, signal);
  if (!tunnelId) {
    await closeTunnel(db, work.siteId);
    return gone('TunnelGone');
  }
  await work.lease.assert();
  await tunnels.dropConnections(tunnelId, signal);
  await work.lease.assert();
  if (await tunnels.remove(tunnelId, signal)) return again(0, 'TunnelLeaving');
  return again(CONNECTIONS_LEFT_MS, 'ConnectionsLeft', 'Cloudflare still sees connections of the tunnel');
}

/** The tunnel that is there and ours; one whose creation's answer was lost is found by its name and secret. */
async function findOurs(
  { vault, tunnels }: Pick<Deps, 'vault' | 'tunnels'>,
  wish: TunnelWish,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (wish.tunnelId && (await tunnels.exists(wish.tunnelId, signal))) return wish.tunnelId;
  if (!wish.tunnelSecretEnc) return undefined;
  const found = await tunnels.findByName(customerName(wish.siteKey), signal);
  if (!found) return undefined;
  const carried = await tunnels.readSecret(found, signal);
  return carried.reveal() === vault.decrypt(wish.tunnelSecretEnc).reveal() ? found : undefined;
}
