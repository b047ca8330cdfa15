import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { unitName } from '@berth/shared/domain/names';
import type { Outcome } from '@berth/shared/domain/outcome';
import { proofPath, proofToken } from '@berth/shared/domain/proof';
import { metricsAddress } from '@berth/shared/domain/slots';
import { readConnectorWish } from '@berth/shared/store/tunnels';
import { type Effects, makeEffects } from '@berth/shared/testing/effects';
import { stillWork } from '@berth/shared/testing/still-work';
import { makeCloudflaredMetrics } from '../adapters/cloudflared-metrics.ts';
import { makeHostFiles } from '../adapters/host-files.ts';
import { makeSystemdUnits } from '../adapters/systemd-units.ts';
import { type ConnectorFiles, connectorFiles } from '../reconcile/connector-files.ts';
import { makeReconcileConnector } from '../reconcile/reconcile-connector.ts';
import type { ConnectorHost, Stage, StageHost } from './stage.ts';
import { giveTunnel, orderSite, placeOn, type StagePlacement, type StageSite } from './stage-site.ts';

/** A site with a tunnel and a placement on a host, and its connector's reconciler over the real adapters. */
export interface ConnectorStand<Host extends ConnectorHost = StageHost> {
  site: StageSite;
  host: Host;
  placement: StagePlacement;
  unit: string;
  /** Looks once, as a process that just started does. */
  look(effects?: Effects): Promise<Outcome>;
  /** the files as they must be now, by what the database says */
  wanted(): Promise<ConnectorFiles>;
  /** what is on the host, without anything that is the site's alone */
  observe(): Promise<unknown>;
  /** how often systemd started the connector */
  starts(): number;
}

/** A connector that runs answers a test however busy the machine is; where none runs nobody is waited for. */
const PATIENCE_MS = 60_000;
const UNIT_EFFECTS = ['reload', 'enable', 'start', 'restart', 'stop', 'disable', 'reset'] as const;

/**
 * @param host where it's placed; a new one when absent
 * @param port where its container answers; a free one when absent
 */
export async function makeConnectorStand(stage: Stage, host?: StageHost, port?: number): Promise<ConnectorStand> {
  return makeConnectorStandOn(stage, host ?? (await stage.addHost()), port);
}

/** The same on a host of any kind. */
export async function makeConnectorStandOn<Host extends ConnectorHost>(
  stage: Stage,
  on: Host,
  port?: number,
): Promise<ConnectorStand<Host>> {
  const site = await orderSite(stage);
  const placement = await placeOn(stage, site, on.id, port);
  await giveTunnel(stage, site);
  const unit = unitName(site.key);
  const stand = { site, host: on, placement, unit };
  return {
    ...stand,
    look: (effects = makeEffects()) => reconcile(stage, stand, effects),
    wanted: async () => (await wantedOf(stage, stand)).files,
    observe: () => observe(stage, stand),
    starts: () => on.starts(unit),
  };
}

type Stand = Pick<ConnectorStand<ConnectorHost>, 'site' | 'host' | 'placement' | 'unit'>;

function reconcile({ db, vault }: Stage, { site, host, placement }: Stand, effects: Effects): Promise<Outcome> {
  return makeReconcileConnector({
    db,
    vault,
    hostId: host.id,
    paths: host.paths,
    files: effects.wrap(makeHostFiles(), ['write', 'remove']),
    units: effects.wrap(makeSystemdUnits({ systemctl: host.systemctlPath }), UNIT_EFFECTS),
    connectors: makeCloudflaredMetrics(),
  })(stillWork('connector', site.siteId, placement.placementId));
}

async function wantedOf({ db, vault, simulator }: Stage, { host, placement }: Stand) {
  const wish = await readConnectorWish(db, placement.placementId);
  const proofSecret = vault.decrypt(wish.proofSecretEnc ?? '').reveal();
  const inputs = {
    tunnelId: wish.tunnelId ?? '',
    hostnames: wish.hostnames,
    port: wish.port,
    metricsAddress: metricsAddress(wish.slot),
    tunnelSecret: vault.decrypt(wish.tunnelSecretEnc ?? '').reveal(),
  };
  const spec = { ...inputs, siteKey: wish.siteKey, accountId: simulator.accountId, proofSecret };
  return { files: connectorFiles(spec, host.paths), path: proofPath(proofToken(inputs, proofSecret)) };
}

async function observe(stage: Stage, stand: Stand): Promise<unknown> {
  const { site, host, placement, unit } = stand;
  const { files, path } = await wantedOf(stage, stand);
  const { signal } = new AbortController();
  const metrics = makeCloudflaredMetrics({ timeoutMs: PATIENCE_MS });
  const running = await metrics.observe(metricsAddress(placement.slot), signal);
  const { invocationId: _, ...state } = await makeSystemdUnits({ systemctl: host.systemctlPath }).observe(unit, signal);
  const names = (folder: string) => listing(folder, site.key, host.isShared);
  return {
    config: names(host.paths.configDir),
    units: names(host.paths.unitDir),
    // The connectors of a shared host take it away with the last of them only.
    dropIns: host.isShared || names(`${host.paths.unitDir}/cloudflared-customer-.service.d`),
    wants: names(`${host.paths.unitDir}/multi-user.target.wants`),
    right: Object.values(files).map((file) => isAsWanted(file)),
    unit: state,
    runsAsWanted: running.config?.includes(JSON.stringify(path.replaceAll('.', '\\.')).slice(1, -1)) ?? false,
    connected: running.connected,
  };
}

function isAsWanted({ path, content, mode }: { path: string; content: string; mode: number }): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === content && (statSync(path).mode & 0o777) === mode;
}

/** Names in a folder, the site's key hidden; undefined when there is no such folder. On a shared host only those with the key. */
function listing(folder: string, key: string, isShared: boolean): string[] | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((name) => !isShared || name.includes(key))
    .map((name) => name.replaceAll(key, 'KEY'))
    .sort();
}
