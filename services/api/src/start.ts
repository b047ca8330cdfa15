import { toCallRate } from '@berth/cloudflare/call-budget';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { openCloudflare } from '@berth/cloudflare/open-cloudflare';
import { makeFindDelegation } from '@berth/edge/dns/find-delegation';
import { resolverOf } from '@berth/edge/dns/settings';
import { checkPostgres } from '@berth/shared/runtime/check-postgres';
import { checkQueue } from '@berth/shared/runtime/check-queue';
import type { Context } from '@berth/shared/runtime/context';
import { tellChecks } from '@berth/shared/runtime/keep-checked';
import { readRedisInfo } from '@berth/shared/runtime/redis-info';
import type { Running } from '@berth/shared/runtime/worker';
import { readFleet } from '@berth/shared/store/fleet';
import { readTunnelConnections } from './adapters/cloudflare-connections.ts';
import { keepReserved } from './adapters/reserved-domains.ts';
import type { ApiConfig } from './config.ts';
import { makeAuthenticate } from './http/caller.ts';
import { makeDashboard } from './http/dashboard.ts';
import { makeHandlers } from './http/handlers.ts';
import { listen } from './http/listen.ts';
import { makeApp } from './http/make-app.ts';
import { makeOpenStreams } from './http/open-streams.ts';
import { findPortal, makePortal } from './http/portal.ts';
import { addFleetGauges } from './metrics/fleet-gauges.ts';
import { stateRules } from './presenters/site-state.ts';
import { makeFindSession } from './sign-in/find-session.ts';
import { makeAuth } from './sign-in/make-auth.ts';
import { makeOwnAccount } from './sign-in/own-account.ts';
import { makeSignIn } from './sign-in/sign-in.ts';
import { startSignInMails } from './sign-in/write-mails.ts';
import { makeAcceptOrder } from './use-cases/accept-order.ts';
import { makeChangeEmail } from './use-cases/change-email.ts';
import { makeChangeSite } from './use-cases/change-site.ts';
import { makeCheckDomain } from './use-cases/check-domain.ts';
import { makeExamine } from './use-cases/examine.ts';
import { makeFollowEvents } from './use-cases/follow-events.ts';
import { makeFollowFleet } from './use-cases/follow-fleet.ts';
import { makeFollowLogs } from './use-cases/follow-logs.ts';
import { makeFollowOperation } from './use-cases/follow-operation.ts';
import { makeKeepHosts } from './use-cases/keep-hosts.ts';
import { makeKeepProtection } from './use-cases/keep-protection.ts';
import { makeKeepRegistries } from './use-cases/keep-registries.ts';
import { makeKeepUsers } from './use-cases/keep-users.ts';
import { makeManageWebhooks } from './use-cases/manage-webhooks.ts';
import { makeReadMe } from './use-cases/read-me.ts';
import { makeReadOverview } from './use-cases/read-overview.ts';
import { makeReadSiteTraffic } from './use-cases/read-site-traffic.ts';
import { makeReadTunnel } from './use-cases/read-tunnel.ts';

/** A customer waits for the answer: it's there within two seconds. */
const DNS_DEADLINE_MS = 1500;

/** Starts the API. @returns it with the address it listens at */
export async function startApi(config: ApiConfig, context: Context): Promise<Running & { url: string }> {
  const { db, vault, hints, chance, clock, queues } = context;
  const log = context.log.child({ service: 'api' });
  const cloudflare = await cloudflareOf(config, context);
  const reserved = keepReserved({
    names: config.BERTH_RESERVED_DOMAINS,
    zoneId: config.CF_ZONE_ID,
    cloudflare,
    clock,
    log,
  });
  const customerPorts = { start: config.CUSTOMER_PORT_START, end: config.CUSTOMER_PORT_END };
  const images = config.IMAGE_ALLOWLIST;
  const redisUrl = config.REDIS_URL;
  const readRedis = async () => (redisUrl ? readRedisInfo(redisUrl, config.REDIS_CA_FILE) : '');
  const lookAtQueue = () => checkQueue(queues, readRedis);
  const stopping = new AbortController();
  const publicUrl = config.PUBLIC_URL ?? `http://127.0.0.1:${config.API_PORT}`;
  const auth = makeAuth({ db, secretsKey: config.BERTH_SECRETS_KEY, publicUrl, clock, log });
  const mails = startSignInMails({ db, auth, vault, hints, chance, clock, log, publicUrl });
  const signIn = makeSignIn({ db, auth, mails });
  const authenticate = makeAuthenticate({ db, clock, findSession: makeFindSession({ auth, db }), publicUrl });
  const streams = makeOpenStreams({ db, clock, log, most: config.API_STREAMS_PER_CALLER });
  const app = makeApp({
    streams,
    log,
    clock,
    metrics: context.metrics,
    newId: chance.newId,
    isReady: async () => {
      await db.pool.query('select 1');
    },
    authenticate,
    dashboard: makeDashboard({ db, queues }),
    db,
    portal: makePortal({ dir: config.PORTAL_DIR ?? findPortal(), chance }),
    handlers: makeHandlers({
      db,
      newId: chance.newId,
      now: () => clock.date(),
      stopping: stopping.signal,
      acceptOrder: makeAcceptOrder({ db, vault, hints, chance, reserved: reserved.names, customerPorts, images }),
      changeSite: makeChangeSite({ db, vault, hints, chance, reserved: reserved.names, customerPorts, images }),
      followOperation: makeFollowOperation({ db, clock }),
      followEvents: makeFollowEvents({ db, clock }),
      followFleet: makeFollowFleet({ db, clock }),
      examine: makeExamine({ db, clock, checkQueue: lookAtQueue }),
      registries: makeKeepRegistries({ db, vault, hints }),
      hosts: makeKeepHosts({ db, hints }),
      protection: makeKeepProtection({ db, hints }),
      readOverview: makeReadOverview({ db }),
      followLogs: makeFollowLogs({ db, clock }),
      manageWebhooks: makeManageWebhooks({ db, vault, chance, addresses: config.WEBHOOK_ALLOW_PRIVATE }),
      checkDomain: makeCheckDomain({
        db,
        hints,
        findDelegation: makeFindDelegation({ resolver: resolverOf(config.DNS_RESOLVER), deadlineMs: DNS_DEADLINE_MS }),
      }),
      chance,
      clock,
      signIn,
      ownAccount: makeOwnAccount({ db, auth, signIn }),
      changeEmail: makeChangeEmail({ db, vault, hints, chance, clock, signIn, publicUrl }),
      users: makeKeepUsers({ db, vault, hints, chance, publicUrl }),
      readMe: makeReadMe({ db, supportEmail: config.SUPPORT_EMAIL }),
      readSiteTraffic: makeReadSiteTraffic({ db, now: () => clock.date() }),
      readTunnel: makeReadTunnel({
        db,
        connections: cloudflare && ((tunnelId, signal) => readTunnelConnections(cloudflare, tunnelId, signal)),
      }),
    }),
  });
  const rate = toCallRate(config.CF_BUDGET_PER_5_MIN);
  const fleet = () => readFleet(db, stateRules, rate);
  addFleetGauges({ metrics: context.metrics, readFleet: fleet, queues, clock, log });
  const server = await listen(app, { host: config.API_HOST, port: config.API_PORT });
  log.info({ url: server.url }, 'API listens');
  // What it stands on is told once; it takes orders all the same.
  void Promise.all([checkPostgres(db, clock), lookAtQueue()]).then((checks) =>
    tellChecks(log, new Map(), checks.flat()),
  );
  return {
    url: server.url,
    async drain(timeoutMs) {
      stopping.abort();
      streams.stop();
      reserved.stop();
      mails.stop();
      await server.drain(timeoutMs);
    },
  };
}

/** Without a token the API works all the same: it only can't show the connections of a tunnel. */
async function cloudflareOf(config: ApiConfig, context: Context): Promise<Cloudflare | undefined> {
  const { CF_API_TOKEN, CF_ACCOUNT_ID } = config;
  if (!CF_API_TOKEN || !CF_ACCOUNT_ID) return undefined;
  return (await openCloudflare({ ...config, CF_API_TOKEN, CF_ACCOUNT_ID }, context)).cloudflare;
}
