import { ACCOUNT_CHECK_MS, makeCheckAccount } from '@berth/cloudflare/check-account';
import { openCloudflare } from '@berth/cloudflare/open-cloudflare';
import { makeFindDelegation } from '@berth/edge/dns/find-delegation';
import { makeFindMailRecords } from '@berth/edge/dns/find-mail-records';
import { resolverOf } from '@berth/edge/dns/settings';
import type { Context } from '@berth/shared/runtime/context';
import { startHousekeeping } from '@berth/shared/runtime/housekeeping';
import { keepChecked } from '@berth/shared/runtime/keep-checked';
import { newTunnelSecret } from '@berth/shared/runtime/tunnel-secret';
import { type RunningWorker, startWorker } from '@berth/shared/runtime/worker';
import { makePlacer } from '@berth/shared/store/place-sites';
import { makeCloudflareScans } from './adapters/cloudflare-scans.ts';
import { makeCloudflareZones } from './adapters/cloudflare-zones.ts';
import type { DomainWatcherConfig } from './config.ts';
import { makeReconcilePlacement } from './reconcile/reconcile-placement.ts';
import { makeReconcileZone } from './reconcile/reconcile-zone.ts';
import { startReadings } from './start-readings.ts';
import { startHostSweep } from './sweep/host-sweep.ts';
import { startZoneSweep } from './sweep/zone-sweep.ts';

const DNS_DEADLINE_MS = 3000;

/** Starts the domain-watcher: aspects `zone` and `placement`, the sweeps of pending zones and of hosts, and housekeeping. */
export async function startDomainWatcher(config: DomainWatcherConfig, context: Context): Promise<RunningWorker> {
  const { db, hints, clock, chance, vault, owner } = context;
  const log = context.log.child({ service: 'domain-watcher' });
  const { cloudflare, account } = await openCloudflare(config, context);
  const zones = makeCloudflareZones(cloudflare);
  const resolver = resolverOf(config.DNS_RESOLVER);
  const worker = await startWorker({
    context,
    log,
    serves: {
      domain: {
        zone: makeReconcileZone({
          db,
          zones,
          records: makeCloudflareScans(cloudflare),
          findDelegation: makeFindDelegation({ resolver, deadlineMs: DNS_DEADLINE_MS }),
          findMailRecords: makeFindMailRecords({ resolver, deadlineMs: DNS_DEADLINE_MS }),
          accountId: account.id,
          mode: config.ZONE_MODE,
          scanMs: config.ZONE_SCAN_SECONDS * 1000,
          patienceMs: config.DNS_PATIENCE_SECONDS * 1000,
        }),
        placement: makeReconcilePlacement({
          db,
          hints,
          place: makePlacer(db, {
            downSeconds: config.HOST_DOWN_SECONDS,
            newTunnelSecret: () => newTunnelSecret(vault, chance),
          }),
          portRestSeconds: config.PORT_REST_SECONDS,
        }),
      },
    },
  });
  const stopSweep = startZoneSweep({
    db,
    zones,
    account,
    hints,
    log,
    clock,
    metrics: context.metrics,
    owner,
    intervalMs: config.ZONE_SWEEP_SECONDS * 1000,
  });
  const stopHostSweep = startHostSweep({ db, hints, log, clock, downSeconds: config.HOST_DOWN_SECONDS });
  const stopChecks = keepChecked({
    ...{
      db,
      clock,
      log,
      scope: 'cloudflare',
      subject: account.id,
      service: 'domain-watcher',
      everyMs: ACCOUNT_CHECK_MS,
    },
    run: makeCheckAccount({
      cloudflare,
      clock,
      needs: [
        'zoneRead',
        ...(config.ZONE_MODE === 'create' ? (['zoneEdit'] as const) : []),
        'analytics',
        ...(config.LOGPUSH_DESTINATION ? (['logs'] as const) : []),
      ],
    }),
  });
  const stopReadings = await startReadings(config, context, { cloudflare, accountId: account.id, log });
  const stopHousekeeping = startHousekeeping({ db, clock, log });
  return {
    ...worker,
    async drain(timeoutMs) {
      await Promise.all([
        stopReadings(),
        stopSweep(),
        stopHostSweep(),
        stopChecks(),
        stopHousekeeping(),
        worker.drain(timeoutMs),
      ]);
    },
  };
}
