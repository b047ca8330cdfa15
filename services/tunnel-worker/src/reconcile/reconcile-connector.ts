import path from 'node:path';
import { unitName } from '@berth/shared/domain/names';
import { again, gone, type Outcome, settled } from '@berth/shared/domain/outcome';
import { proofToken } from '@berth/shared/domain/proof';
import { metricsAddress } from '@berth/shared/domain/slots';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Reconciler, Work } from '@berth/shared/runtime/reconciler';
import type { Vault } from '@berth/shared/runtime/vault';
import type { Database } from '@berth/shared/store/database';
import {
  beginTunnelRestart,
  type ConnectorWish,
  endTunnelRestart,
  readConnectorWish,
  recordConnectorState,
  recordConnectorStopped,
} from '@berth/shared/store/tunnels';
import type { Connectors, Files, Units } from './connector-access.ts';
import { type ConnectorSpec, connectorFiles, connectorPaths, type HostPaths } from './connector-files.ts';
import {
  type ConnectorStep,
  hasProcess,
  type ObservedConnector,
  planConnector,
  planConnectorEnd,
} from './plan-connector.ts';

export interface ConnectorDeps {
  db: Database;
  vault: Vault;
  hostId: string;
  paths: HostPaths;
  files: Files;
  units: Units;
  connectors: Connectors;
}

const SOON_MS = 250;
const CONNECTING_MS = 1000;
const LATER_MS = 5000;

/** Aspect `connector`: the site's cloudflared runs on this host, with these files, and is connected to the edge. */
export function makeReconcileConnector(deps: ConnectorDeps): Reconciler {
  return async function reconcileConnector(work) {
    const placementId = work.placementId ?? '';
    const wish = await readConnectorWish(deps.db, placementId);
    if (wish.hostId !== deps.hostId) throw new BerthError('internal.unexpected', `placement of host ${wish.hostId}`);
    const leaves = wish.siteWanted === 'deleted' || wish.placementWanted === 'gone';
    return leaves ? leave(deps, work, wish, placementId) : arrive(deps, work, wish, placementId);
  };
}

async function arrive(deps: ConnectorDeps, work: Work, wish: ConnectorWish, placementId: string): Promise<Outcome> {
  if (wish.secretPending) return again(LATER_MS, 'TunnelSecretChanging', 'the tunnel gets another secret first');
  const spec = toSpec(deps.vault, wish);
  if (!spec) return again(SOON_MS, 'TunnelUnknown', 'the tunnel is not known yet');
  const files = connectorFiles(spec, deps.paths);
  const token = proofToken(spec, spec.proofSecret);
  const observed = await observe(deps, work, wish);
  const restartFrom = await trackRestart(deps, wish, placementId, observed);
  const steps = planConnector(files, observed, token, restartFrom);
  await recordConnectorState(deps.db, placementId, files.config.path, observed.running.connected && steps.length === 0);
  for (const step of steps) await apply(deps, work, wish.siteKey, step);
  if (steps.length > 0) return again(SOON_MS, 'ConnectorStarting');
  if (restartFrom !== undefined) return again(SOON_MS, 'ConnectorRestarting');
  if (observed.running.connected) return settled('Connected');
  const activating = observed.unit.activeState === 'activating' || observed.running.config === undefined;
  return again(activating ? SOON_MS : CONNECTING_MS, 'ConnectingToEdge', 'cloudflared runs and connects to the edge');
}

function toSpec(vault: Vault, wish: ConnectorWish): ConnectorSpec | undefined {
  const { accountId, tunnelId, tunnelSecretEnc, proofSecretEnc } = wish;
  if (!accountId || !tunnelId || !tunnelSecretEnc || !proofSecretEnc) return undefined;
  return {
    siteKey: wish.siteKey,
    accountId,
    tunnelId,
    hostnames: wish.hostnames,
    port: wish.port,
    metricsAddress: metricsAddress(wish.slot),
    tunnelSecret: vault.decrypt(tunnelSecretEnc).reveal(),
    proofSecret: vault.decrypt(proofSecretEnc).reveal(),
  };
}

async function observe(deps: ConnectorDeps, work: Work, wish: ConnectorWish): Promise<ObservedConnector> {
  const { files, units, connectors, paths } = deps;
  const at = connectorPaths(wish.siteKey, paths);
  const [unit, credentials, config, unitFile, dropIn] = await Promise.all([
    units.observe(unitName(wish.siteKey), work.lease.signal),
    files.read(at.credentials),
    files.read(at.config),
    files.read(at.unit),
    files.read(at.dropIn),
  ]);
  const running = hasProcess(unit)
    ? await connectors.observe(metricsAddress(wish.slot), work.lease.signal)
    : { config: undefined, connected: false };
  return { files: { credentials, config, unit: unitFile, dropIn }, unit, running };
}

/**
 * A restart is fulfilled when another invocation runs than the one that was noted before it was begun.
 * @returns the invocation that must end; undefined when no restart is wanted
 */
async function trackRestart(
  { db }: ConnectorDeps,
  wish: ConnectorWish,
  placementId: string,
  { unit }: ObservedConnector,
): Promise<string | undefined> {
  const { wanted, started, from, done } = wish.restart;
  if (done >= wanted) return undefined;
  const runs = unit.invocationId;
  if (started < wanted) {
    await beginTunnelRestart(db, placementId, wanted, runs);
    return runs;
  }
  if (runs === '' || runs === from) return from ?? '';
  await endTunnelRestart(db, placementId, wanted);
  return undefined;
}

async function apply(deps: ConnectorDeps, work: Work, siteKey: string, step: ConnectorStep): Promise<void> {
  const { files, units } = deps;
  const { signal } = work.lease;
  await work.lease.assert();
  switch (step.kind) {
    case 'write':
      return files.write(step.file);
    case 'remove':
      return files.remove(step.path);
    case 'reload':
      return units.reload(signal);
    case 'enable':
    case 'start':
    case 'restart':
    case 'stop':
    case 'disable':
    case 'reset':
      return units[step.kind](unitName(siteKey), signal);
  }
}

async function leave(deps: ConnectorDeps, work: Work, wish: ConnectorWish, placementId: string): Promise<Outcome> {
  const at = connectorPaths(wish.siteKey, deps.paths);
  const observed = await observe(deps, work, wish);
  if (!observed.running.connected) await recordConnectorStopped(deps.db, placementId);
  const steps = planConnectorEnd(at, observed);
  for (const step of steps) await apply(deps, work, wish.siteKey, step);
  if (steps.length > 0 || observed.unit.activeState === 'deactivating') return again(SOON_MS, 'ConnectorLeaving');
  if (!(await deps.files.anyNamed(deps.paths.unitDir, CONNECTOR_UNIT))) {
    // Also when the file is gone already: who removed it may have been killed before the folder.
    await apply(deps, work, wish.siteKey, { kind: 'remove', path: at.dropIn });
    await apply(deps, work, wish.siteKey, { kind: 'remove', path: path.dirname(at.dropIn) });
  }
  return gone('ConnectorGone');
}

const CONNECTOR_UNIT = /^cloudflared-customer-.+\.service$/;
