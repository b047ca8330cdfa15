import { ACCOUNT_CHECK_MS, makeCheckAccount } from '@berth/cloudflare/check-account';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { openCloudflare } from '@berth/cloudflare/open-cloudflare';
import { makeEdgeProbe } from '@berth/edge/edge-probe';
import { queueOf } from '@berth/shared/domain/aspects';
import type { Context } from '@berth/shared/runtime/context';
import type { KeptAlive } from '@berth/shared/runtime/keep-alive';
import { keepChecked } from '@berth/shared/runtime/keep-checked';
import { startLines } from '@berth/shared/runtime/lines/start-lines';
import type { Log } from '@berth/shared/runtime/log';
import type { Reconcilers } from '@berth/shared/runtime/reconciler';
import { type RunningWorker, startWorker } from '@berth/shared/runtime/worker';
import { findSiteIds } from '@berth/shared/store/site-logs';
import { makeCloudflareAccess } from './adapters/cloudflare-access.ts';
import { makeCloudflareAccessTokens } from './adapters/cloudflare-access-tokens.ts';
import { makeCloudflareRecords } from './adapters/cloudflare-records.ts';
import { makeCloudflareRules } from './adapters/cloudflare-rules.ts';
import { makeCloudflareTunnels } from './adapters/cloudflare-tunnels.ts';
import { makeCloudflaredMetrics } from './adapters/cloudflared-metrics.ts';
import { whyUnwritable } from './adapters/folder-access.ts';
import { makeHostFiles } from './adapters/host-files.ts';
import { makeHostPrograms } from './adapters/host-programs.ts';
import { makeSystemdJournal } from './adapters/systemd-journal.ts';
import { makeSystemdUnits } from './adapters/systemd-units.ts';
import { makeCheckConnectors } from './checks/check-connectors.ts';
import type { EdgeConfig, TunnelWorkerConfig } from './config.ts';
import { keepRegistered } from './host/keep-registered.ts';
import { makeJournalLines } from './logs/journal-lines.ts';
import { makePartKeepers } from './reconcile/part-keepers.ts';
import { makeReconcileConnector } from './reconcile/reconcile-connector.ts';
import { makeReconcilePolicy } from './reconcile/reconcile-policy.ts';
import { makeReconcileReachable } from './reconcile/reconcile-reachable.ts';
import { makeReconcileRoute } from './reconcile/reconcile-route.ts';
import { makeReconcileTunnel } from './reconcile/reconcile-tunnel.ts';

const HOST_CHECK_MS = 60_000;

/** Starts the tunnel-worker's rooms: the edge (tunnel, policy, route, reachable) and this host's connectors. */
export async function startTunnelWorker(config: TunnelWorkerConfig, context: Context): Promise<RunningWorker> {
  const serves: Record<string, Reconcilers> = {};
  const cloudflare = config.edge && (await openCloudflare(config.edge, context)).cloudflare;
  if (config.edge && cloudflare) serves[queueOf('route')] = edgeRoom(config.edge, cloudflare, context);
  if (config.hasHostRoom) serves[queueOf('connector', config.HOST_ID)] = hostRoom(config, context);
  const log = context.log.child({ service: 'tunnel-worker' });
  const host = config.hasHostRoom ? keepHostRegistered(config, context, log) : undefined;
  const stopChecks = startChecks(config, cloudflare, context, log);
  const worker = await startWorker({ context, log, serves });
  const lines = config.hasHostRoom ? collectJournal(config, context, log) : undefined;
  return {
    ...worker,
    async drain(timeoutMs) {
      await Promise.all([host?.stop(), lines?.stop(), ...stopChecks.map((stop) => stop()), worker.drain(timeoutMs)]);
    },
  };
}

function keepHostRegistered(config: TunnelWorkerConfig, { db, clock, hints }: Context, log: Log): KeptAlive {
  const hostId = config.HOST_ID;
  const programs = makeHostPrograms({ systemctl: config.SYSTEMCTL_PATH, cloudflared: config.CLOUDFLARED_PATH });
  return keepRegistered({ db, clock, hints, hostId, programs, log: log.child({ hostId }) });
}

/** What the connectors of this host write, beside what systemd says of them. */
function collectJournal(config: TunnelWorkerConfig, context: Context, log: Log): { stop(): Promise<void> } {
  const { db, clock } = context;
  const hostId = config.HOST_ID;
  const journal = makeSystemdJournal({ journalctl: config.JOURNALCTL_PATH, cloudflared: config.CLOUDFLARED_PATH });
  const source = makeJournalLines({ journal, hostId, findSiteIds: (keys) => findSiteIds(db, keys), clock, log });
  const kept = { retentionDays: config.LOG_RETENTION_DAYS, siteBytes: config.LOG_SITE_BYTES };
  return startLines({ context, log, source, hostId, ...kept });
}

/** Each room looks at what it stands on. @returns what stops them */
function startChecks(
  config: TunnelWorkerConfig,
  cloudflare: Cloudflare | undefined,
  { db, clock }: Context,
  log: Log,
): (() => Promise<void>)[] {
  const by = { db, clock, log, service: 'tunnel-worker' };
  const stops: (() => Promise<void>)[] = [];
  if (cloudflare) {
    const needs = ['tunnel', 'dns', 'zoneRead', 'waf', 'access', 'accessTokens'] as const;
    const run = makeCheckAccount({ cloudflare, clock, needs });
    stops.push(
      keepChecked({ ...by, scope: 'cloudflare', subject: cloudflare.accountId, everyMs: ACCOUNT_CHECK_MS, run }),
    );
  }
  if (config.hasHostRoom) {
    const programs = makeHostPrograms({ systemctl: config.SYSTEMCTL_PATH, cloudflared: config.CLOUDFLARED_PATH });
    const folders = { TUNNEL_CONFIG_DIR: config.TUNNEL_CONFIG_DIR, SYSTEMD_UNIT_DIR: config.SYSTEMD_UNIT_DIR };
    const run = makeCheckConnectors({ db, clock, programs, folders, whyUnwritable });
    stops.push(keepChecked({ ...by, scope: 'host', subject: config.HOST_ID, everyMs: HOST_CHECK_MS, run }));
  }
  return stops;
}

function edgeRoom(config: EdgeConfig, cloudflare: Cloudflare, context: Context): Reconcilers {
  const { db, vault, clock, chance, hints } = context;
  const probe = makeEdgeProbe({ address: config.EDGE_ADDRESS, caFile: config.EDGE_CA_FILE });
  const keepers = makePartKeepers({
    db,
    vault,
    clock,
    accountId: cloudflare.accountId,
    rules: (kind) => makeCloudflareRules(cloudflare, kind),
    access: (kind) => makeCloudflareAccess(cloudflare, kind),
    tokens: makeCloudflareAccessTokens(cloudflare),
  });
  return {
    tunnel: makeReconcileTunnel({ db, vault, chance, hints, tunnels: makeCloudflareTunnels(cloudflare) }),
    policy: makeReconcilePolicy({ db, chance, keepers, checkMs: config.PROTECTION_CHECK_SECONDS * 1000 }),
    route: makeReconcileRoute({ db, records: makeCloudflareRecords(cloudflare), edge: probe }),
    reachable: makeReconcileReachable({ db, vault, probe }),
  };
}

function hostRoom(config: TunnelWorkerConfig, { db, vault }: Context): Reconcilers {
  const paths = {
    configDir: config.TUNNEL_CONFIG_DIR,
    unitDir: config.SYSTEMD_UNIT_DIR,
    cloudflared: config.CLOUDFLARED_PATH,
  };
  return {
    connector: makeReconcileConnector({
      db,
      vault,
      hostId: config.HOST_ID,
      paths,
      files: makeHostFiles(),
      units: makeSystemdUnits({ systemctl: config.SYSTEMCTL_PATH }),
      connectors: makeCloudflaredMetrics(),
    }),
  };
}
