import { makeCallBudget } from '@berth/cloudflare/call-budget';
import { type Cloudflare, makeCloudflare } from '@berth/cloudflare/make-cloudflare';
import { makeFindDelegation } from '@berth/edge/dns/find-delegation';
import { makeFindMailRecords } from '@berth/edge/dns/find-mail-records';
import { systemChance } from '@berth/shared/runtime/chance';
import { systemClock } from '@berth/shared/runtime/clock';
import { noHints } from '@berth/shared/runtime/hints';
import { silentLog } from '@berth/shared/runtime/log';
import { makeLoop } from '@berth/shared/runtime/loop';
import { makeMetrics } from '@berth/shared/runtime/metrics';
import { Secret } from '@berth/shared/runtime/secret';
import { type CloudflareAccount, openCloudflareAccount } from '@berth/shared/store/cloudflare-accounts';
import { type Database, openDatabase } from '@berth/shared/store/database';
import { makePlacer } from '@berth/shared/store/place-sites';
import { makeProtocol, type Protocol } from '@berth/shared/store/protocol';
import { patientChance } from '@berth/shared/testing/patient-chance';
import { makeTestDatabase } from '@berth/shared/testing/test-database';
import type { CloudflareControl } from '@berth/simulators/cloudflare/control';
import { type CloudflareOptions, startCloudflare } from '@berth/simulators/cloudflare/start-cloudflare';
import { makeCloudflareScans } from '../adapters/cloudflare-scans.ts';
import { makeCloudflareZones } from '../adapters/cloudflare-zones.ts';
import { makeReconcilePlacement } from '../reconcile/reconcile-placement.ts';
import { makeReconcileZone } from '../reconcile/reconcile-zone.ts';
import type { TakeoverDeps } from '../reconcile/take-over-zone.ts';
import type { CloudflareZones } from '../reconcile/zone-access.ts';
import { makeOrdering, type Ordering } from './ordering.ts';

/** Postgres and a simulated Cloudflare, with what the domain-watcher makes of them. */
export interface WatcherWorld extends Ordering {
  db: Database;
  protocol: Protocol;
  control: CloudflareControl;
  account: CloudflareAccount;
  cloudflare: Cloudflare;
  zones: CloudflareZones;
  /** what the take-over of zones works with; it gives neither scans nor name servers time */
  takeover: Omit<TakeoverDeps, 'db'>;
  /** another process's way to Cloudflare; `deadlineMs` is that of one call */
  makeZones(deadlineMs?: number): CloudflareZones;
  /** Works off all that is due of the queue `domain`, as a process that has just started. */
  settle(zones?: CloudflareZones): Promise<void>;
  close(): Promise<void>;
}

interface WatcherOptions extends Partial<Pick<CloudflareOptions, 'profile' | 'permissions'>> {
  mode?: 'create' | 'find';
  portRestSeconds?: number;
}

/** A host of this world has lost its new sites when it has been down so long. */
export const DOWN_SECONDS = 60;

/** Starts a world of a test's own; nothing runs in it before `settle`. */
export async function makeWatcherWorld(options: WatcherOptions = {}): Promise<WatcherWorld> {
  const { profile = 'enterprise', permissions, mode = 'create', portRestSeconds = 0 } = options;
  const database = await makeTestDatabase();
  const db = openDatabase({ url: database.url, max: 20 });
  const cloudflare = await startCloudflare({ profile, ...(permissions && { permissions }) });
  const account = await openCloudflareAccount(db, cloudflare.accountId);
  const protocol = makeProtocol(db);
  const open = (deadlineMs = 20_000) =>
    makeCloudflare({
      apiToken: new Secret(cloudflare.apiToken),
      accountId: cloudflare.accountId,
      baseUrl: cloudflare.apiUrl,
      clock: systemClock,
      metrics: makeMetrics(),
      budget: makeCallBudget(account, systemClock, 1_000_000),
      deadlineMs,
    });
  const makeZones = (deadlineMs?: number) => makeCloudflareZones(open(deadlineMs));
  const [address = '', port = ''] = cloudflare.dnsAddress.split(':');
  const resolver = { address, port: Number(port) };
  const takeover = {
    records: makeCloudflareScans(open()),
    findDelegation: makeFindDelegation({ resolver, deadlineMs: 5000 }),
    findMailRecords: makeFindMailRecords({ resolver, deadlineMs: 20_000 }),
    scanMs: 0,
    patienceMs: 0,
  };
  const zones = makeZones();
  return {
    ...(await makeOrdering(db, protocol)),
    db,
    protocol,
    control: cloudflare.control,
    account,
    cloudflare: open(),
    zones,
    makeZones,
    takeover,
    async settle(through = makeZones()) {
      const zone = makeReconcileZone({ db, zones: through, ...takeover, accountId: account.id, mode });
      const placement = makeReconcilePlacement({
        db,
        hints: noHints,
        place: makePlacer(db, { downSeconds: DOWN_SECONDS, newTunnelSecret: () => 'another secret' }),
        portRestSeconds,
      });
      const loop = makeLoop({
        protocol,
        serves: { domain: { zone, placement } },
        hints: noHints,
        clock: systemClock,
        chance: patientChance,
        log: silentLog,
        owner: systemChance.newId(),
      });
      await loop.settle();
      await loop.drain(1000);
    },
    async close() {
      await db.close();
      await Promise.all([cloudflare.stop(), database.drop()]);
    },
  };
}
