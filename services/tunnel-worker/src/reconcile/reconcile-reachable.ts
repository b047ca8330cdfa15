import { proofHeadersOf } from '@berth/edge/proof-headers';
import { expectedPath } from '@berth/edge/proof-path';
import type { EdgeProbe, Sighting } from '@berth/edge/sighting';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import type { Reconciler } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import { readProofWish } from '@berth/shared/store/proofs';

interface Deps {
  db: Database;
  vault: Vault;
  probe: EdgeProbe;
}

const SOON_MS = 500;
const LATER_MS = 5000;

/** Aspect `reachable`: each host name, asked through the edge, is answered by this site's connector and container, where it has one. */
export function makeReconcileReachable({ db, vault, probe }: Deps): Reconciler {
  return async function reconcileReachable(work): Promise<Outcome> {
    const wish = await readProofWish(db, work.siteId);
    if (wish.wanted === 'deleted') return gone('NotReachable');
    if (wish.secretPending) return again(LATER_MS, 'TunnelSecretChanging', 'the tunnel gets another secret first');
    const path = expectedPath(wish, vault);
    if (!path) return again(SOON_MS, 'TunnelUnknown', 'the tunnel or the placement is not known yet');
    const proofHeaders = proofHeadersOf(wish, vault);
    const looks = await Promise.all(
      wish.hostnames.map(async (hostname) => ({
        hostname,
        sighting: await probe.look(
          { hostname, path, proofHeaders, nameServers: wish.nameServers, expectsPage: wish.hasContainer },
          work.lease.signal,
        ),
      })),
    );
    const bad = looks.find(({ sighting }) => sighting.kind !== 'proven');
    if (!bad) return settled('Live', `https://${wish.domain}`);
    return toOutcome(bad.hostname, bad.sighting);
  };
}

function toOutcome(hostname: string, sighting: Sighting): Outcome {
  switch (sighting.kind) {
    case 'unreachable':
      return again(LATER_MS, 'EdgeUnreachable', `${hostname} could not be reached: ${sighting.why}`);
    case 'no-certificate':
      return again(LATER_MS, 'CertificatePending', `Cloudflare has no certificate for ${hostname} yet`);
    case 'leads-past':
      return again(LATER_MS, 'RouteNotEffective', sayLeadsPast(hostname));
    case 'not-proven':
      if (sighting.edgeCode === 1033)
        return again(SOON_MS, 'TunnelNotConnected', `${hostname} leads to a tunnel without a connection`);
      if (sighting.edgeCode === 1016)
        return again(SOON_MS, 'RouteNotEffective', `${hostname} does not lead to the tunnel yet`);
      return again(SOON_MS, 'NotOurConnector', `${hostname} is answered by something else (HTTP ${sighting.status})`);
    case 'failing':
      return again(SOON_MS, 'ContainerFailing', `${hostname} answers with HTTP ${sighting.status}`);
    case 'proven':
      return settled('Live', `https://${hostname}`);
  }
}

function sayLeadsPast(hostname: string): string {
  return `${hostname} leads past Cloudflare: another record stands there, or ours is not proxied; remove the one that is not Berth's, or switch the proxy of ours on`;
}
