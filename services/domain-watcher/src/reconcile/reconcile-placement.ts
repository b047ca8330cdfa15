import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Reconciler } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { findOpenPlacements, freePlacement, placeSite, readPlacementWish } from '@berth/shared/store/placements';

interface Deps {
  db: Database;
  hints: Hints;
  portRestSeconds: number;
}

const NO_HOST_MS = 30_000;
const NO_PORT_MS = 300_000;

/** Aspect `placement`: the site has a host, and there a slot and a port of its own. */
export function makeReconcilePlacement({ db, hints, portRestSeconds }: Deps): Reconciler {
  return async function reconcilePlacement(work): Promise<Outcome> {
    const wish = await readPlacementWish(db, work.siteId);
    if (wish.wanted === 'deleted') {
      for (const placementId of await findOpenPlacements(db, work.siteId)) {
        await work.lease.assert();
        hints.send(await freePlacement(db, placementId, portRestSeconds));
      }
      return gone('PortFreed');
    }
    await work.lease.assert();
    const placing = await placeSite(db, work.siteId, wish.pool, wish.port);
    switch (placing.kind) {
      case 'placed':
        hints.send(placing.hints);
        return settled('Placed', `on host ${placing.placement.hostId}, port ${placing.placement.port}`);
      case 'no-host':
        return again(NO_HOST_MS, 'NoHostReady', 'no host is ready to take sites; start its workers');
      case 'no-port':
        return again(
          placing.retryMs ?? NO_PORT_MS,
          'NoAvailablePorts',
          'all ports are taken; the site goes on when one is freed',
        );
      case 'port-taken':
        return again(NO_PORT_MS, 'WishedPortTaken', `port ${wish.port} is taken on every host that is ready`);
    }
  };
}
