import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import type { Hints } from '@berth/shared/runtime/hints';
import type { Reconciler } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { findHostProblems } from '@berth/shared/store/hosts';
import type { Placing } from '@berth/shared/store/place-sites';
import { findLeftPlacements, findOpenPlacements, freePlacement, readSiteWanted } from '@berth/shared/store/placements';

interface Deps {
  db: Database;
  hints: Hints;
  /** gives a site its place, together with others that ask at the same time */
  place(siteId: string): Promise<Placing>;
  portRestSeconds: number;
}

const NO_HOST = 'no host is ready to take sites; start its workers';
const NO_HOST_MS = 30_000;
const NO_ROOM_MS = 300_000;

/** Aspect `placement`: the site has a host, and there a slot and a port of its own. */
export function makeReconcilePlacement({ db, hints, place, portRestSeconds }: Deps): Reconciler {
  return async function reconcilePlacement(work): Promise<Outcome> {
    if ((await readSiteWanted(db, work.siteId)) === 'deleted') {
      for (const placementId of await findOpenPlacements(db, work.siteId)) {
        await work.lease.assert();
        hints.send(await freePlacement(db, placementId, portRestSeconds));
      }
      return gone('PortFreed');
    }
    await work.lease.assert();
    const placing = await place(work.siteId);
    for (const placementId of await findLeftPlacements(db, work.siteId)) {
      await work.lease.assert();
      hints.send(await freePlacement(db, placementId, portRestSeconds));
    }
    switch (placing.kind) {
      case 'placed':
        hints.send(placing.hints);
        return settled('Placed', `on host ${placing.placement.hostId}, port ${placing.placement.port}`);
      case 'host-down':
        return again(
          NO_ROOM_MS,
          'HostDown',
          `host ${placing.placement.hostId} gives no sign of life, and no other host has room for the site; start it, or add one`,
        );
      case 'not-wanted':
        return again(0, 'SiteLeaving', 'the site is to be deleted');
      case 'no-host':
        return again(NO_HOST_MS, 'NoHostReady', (await findHostProblems(db)) ?? NO_HOST);
      case 'no-port':
        return again(
          placing.retryMs ?? NO_ROOM_MS,
          'NoAvailablePorts',
          'all ports are taken; the site goes on when one is freed',
        );
      case 'port-taken':
        return again(NO_ROOM_MS, 'WishedPortTaken', `port ${placing.port} is taken on every host that is ready`);
      case 'no-memory':
        return again(
          NO_ROOM_MS,
          'NoMemory',
          `no host has ${Math.ceil(placing.bytes / 1024 ** 2)} MB of memory left; the site goes on when some is freed or a host is added`,
        );
    }
  };
}
