import { gone, settled } from '@berth/shared/domain/outcome';
import type { Reconciler } from '@berth/shared/runtime/reconciler';
import type { Database } from '@berth/shared/store/database';
import { readTunnelWish } from '@berth/shared/store/tunnels';

/** Aspect `policy`: what protects the site. A site has no policies yet, so all of them are in place, and none is left. */
export function makeReconcilePolicy(db: Database): Reconciler {
  return async function reconcilePolicy(work) {
    const { wanted } = await readTunnelWish(db, work.siteId);
    return wanted === 'deleted' ? gone('NoPolicies') : settled('NoPolicies');
  };
}
