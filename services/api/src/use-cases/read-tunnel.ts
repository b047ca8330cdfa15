import type { TunnelDetail } from '@berth/contract/site';
import { BerthError, messageOf } from '@berth/shared/errors/berth-error';
import type { Database } from '@berth/shared/store/database';
import { type ReadSite, readSiteParts } from '@berth/shared/store/read-sites';

type Connections = TunnelDetail['connections'];

interface Deps {
  db: Database;
  /** asks Cloudflare; undefined where the API has no token */
  connections: ((tunnelId: string, signal: AbortSignal) => Promise<Connections>) | undefined;
}

const NO_TOKEN = 'the API runs without CF_API_TOKEN and CF_ACCOUNT_ID';

/** A site's tunnel with its connections; that Cloudflare doesn't tell them is said, and isn't a failure. */
export function makeReadTunnel({ db, connections }: Deps) {
  return async function readTunnel(site: ReadSite, signal: AbortSignal): Promise<TunnelDetail> {
    const { tunnel } = await readSiteParts(db, site.id);
    if (!tunnel) throw new BerthError('tunnel.not-found', `site ${site.key} has no tunnel yet`);
    if (tunnel.status === 'deleted') return { ...tunnel, connections: [], connectionsError: null };
    if (!connections) return { ...tunnel, connections: [], connectionsError: NO_TOKEN };
    try {
      return { ...tunnel, connections: await connections(tunnel.id, signal), connectionsError: null };
    } catch (error) {
      return { ...tunnel, connections: [], connectionsError: messageOf(error) };
    }
  };
}
