import { createServer, type RequestListener, type Server } from 'node:http';
import { makeEdgeProbe } from '@berth/edge/edge-probe';
import type { EdgeProbe } from '@berth/edge/sighting';
import type { Outcome } from '@berth/shared/domain/outcome';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import { freePort } from '@berth/simulators/testing/free-port';
import { makeReconcileReachable } from '../reconcile/reconcile-reachable.ts';
import { type ConnectorStand, makeConnectorStand } from './connector-stand.ts';
import { lookUntil } from './look-until.ts';
import { makeRouteStand, type RouteStand } from './route-stand.ts';
import type { Stage, StageHost } from './stage.ts';
import type { StageSite } from './stage-site.ts';

/** A site with a container, a connector and routes that are there when told, and its proof's reconciler. */
export interface ReachableStand {
  site: StageSite;
  connector: ConnectorStand;
  route: RouteStand;
  /** what the container answers; 200 until it's set */
  answers(handler: RequestListener): void;
  /** paths that the container was asked for */
  asked: string[];
  look(effects?: Effects, probe?: Partial<EdgeProbe>): Promise<Outcome>;
  stopContainer(): Promise<void>;
}

/** @param host where the connector runs */
export async function makeReachableStand(stage: Stage, host: StageHost): Promise<ReachableStand> {
  const asked: string[] = [];
  let handler: RequestListener = (_, response) => response.end('hello');
  const container = createServer((request, response) => {
    asked.push(request.url ?? '');
    handler(request, response);
  });
  const connector = await makeConnectorStand(stage, host, await listen(container));
  const { site } = connector;
  const { edgeAddress, edgeCaFile } = stage.simulator;
  return {
    site,
    connector,
    route: await makeRouteStand(stage, site),
    asked,
    answers: (next) => {
      handler = next;
    },
    look: (effects = makeEffects(), probe = {}) =>
      makeReconcileReachable({
        db: stage.db,
        vault: stage.vault,
        probe: { ...effects.wrap(makeEdgeProbe({ address: edgeAddress, caFile: edgeCaFile }), []), ...probe },
      })(stillWork('reachable', site.siteId)),
    stopContainer: () => stop(container),
  };
}

/** The connector runs and the routes lead to it. */
export async function bringUp({ connector, route }: ReachableStand): Promise<void> {
  await lookUntil(connector.look);
  await lookUntil(route.look);
}

/** Not on just any port: what the system gives may be that of another site whose container was stopped. */
async function listen(server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
