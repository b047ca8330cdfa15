import { customerName } from '@berth/shared/domain/names';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import { BerthError, isBerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Secret } from '@berth/shared/runtime/secret';
import { newTunnelSecret } from '@berth/shared/runtime/tunnel-secret';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  bindTunnel,
  closeFormerSecret,
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
  hints: Hints;
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

async function arrive(deps: Deps, work: Work, wish: TunnelWish): Promise<Outcome> {
  const { db, vault, chance, tunnels } = deps;
  const { signal } = work.lease;
  const name = customerName(wish.siteKey);
  const bound = wish.tunnelId && (await tunnels.exists(wish.tunnelId, signal)) ? wish.tunnelId : undefined;
  if (bound && !wish.formerSecretEnc) return settled('TunnelReady', name);
  const sealed = await keepTunnelSecrets(db, work.siteId, {
    tunnelSecretEnc: wish.tunnelSecretEnc ?? newTunnelSecret(vault, chance),
    proofSecretEnc: wish.proofSecretEnc ?? vault.encrypt(chance.bytes(32).toString('base64url')),
  });
  const secret = vault.decrypt(sealed);
  // Of a site that never had a secret nothing can be there; what somebody else called so is found once Cloudflare refuses the name.
  const untried = !wish.tunnelSecretEnc;
  const known = bound ?? (untried ? undefined : await tunnels.findByName(name, signal));
  const { id, made } = known ? { id: known, made: false } : await make(deps, work, { name, secret, untried });
  if (!bound && !made) await mustBeOurs(deps, wish, id, secret, signal);
  await bindTunnel(db, work.siteId, id);
  const { formerSecretEnc } = wish;
  if (!formerSecretEnc) return settled('TunnelReady', name);
  return made ? again(0, 'TunnelSecretChanging') : changeSecret(deps, work, { found: id, secret, formerSecretEnc });
}

/** "The name is taken" is a failure like any other, except where nobody looked before: then one of this name may be a stranger's. */
async function make(
  { tunnels }: Deps,
  { lease }: Work,
  { name, secret, untried }: { name: string; secret: Secret; untried: boolean },
): Promise<{ id: string; made: boolean }> {
  await lease.assert();
  try {
    return { id: await tunnels.create(name, secret, lease.signal), made: true };
  } catch (error) {
    const looks = untried && isBerthError(error, 'cloudflare.refused');
    const found = looks ? await tunnels.findByName(name, lease.signal) : undefined;
    if (!found) throw error;
    return { id: found, made: false };
  }
}

/**
 * The site has left a host that may still run its connector. That one must not come back beside the next: first its secret opens nothing
 * any more, then its connections go, and only when none is seen the next connector may start.
 */
async function changeSecret(
  { db, hints, tunnels }: Deps,
  work: Work,
  { found, secret, formerSecretEnc }: { found: string; secret: Secret; formerSecretEnc: string },
): Promise<Outcome> {
  const { signal } = work.lease;
  const carried = await tunnels.readSecret(found, signal);
  if (carried.reveal() !== secret.reveal()) {
    await work.lease.assert();
    await tunnels.changeSecret(found, secret, signal);
    return again(0, 'TunnelSecretChanging', 'the tunnel gets another secret');
  }
  if (await tunnels.hasConnections(found, signal)) {
    await work.lease.assert();
    await tunnels.dropConnections(found, signal);
    return again(CONNECTIONS_LEFT_MS, 'TunnelSecretChanging', 'connections of the former host are dropped');
  }
  hints.send(await closeFormerSecret(db, work.siteId, formerSecretEnc));
  return settled('TunnelReady', 'with another secret');
}

async function mustBeOurs(
  { tunnels, vault }: Deps,
  { siteKey, formerSecretEnc }: TunnelWish,
  tunnelId: string,
  secret: Secret,
  signal: AbortSignal,
): Promise<void> {
  const carried = (await tunnels.readSecret(tunnelId, signal)).reveal();
  if (carried === secret.reveal()) return;
  if (formerSecretEnc && carried === vault.decrypt(formerSecretEnc).reveal()) return;
  throw new BerthError(
    'tunnel.name-taken',
    `a tunnel ${customerName(siteKey)} that Berth did not make exists; rename or delete it at Cloudflare`,
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
  const ours = [wish.tunnelSecretEnc, wish.formerSecretEnc].flatMap((sealed) => (sealed ? vault.decrypt(sealed) : []));
  return ours.some((secret) => secret.reveal() === carried.reveal()) ? found : undefined;
}
