import type { LogLine } from '@berth/contract/logs';
import type { Overview } from '@berth/contract/overview';
import type { RouteName, routes } from '@berth/contract/routes';
import type { SiteEvent } from '@berth/contract/site';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Database } from '@berth/shared/store/database';
import { readSiteDomain } from '@berth/shared/store/domain-checks';
import type { Requester } from '@berth/shared/store/locked-site';
import { readSiteHealth } from '@berth/shared/store/read-site-health';
import { findSite, findSiteOfOrder, listTunnels, readSiteParts } from '@berth/shared/store/read-sites';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { presentDomain } from '../presenters/present-domain.ts';
import { presentOwnEvent, presentOwnHealth, presentOwnOperation } from '../presenters/present-own.ts';
import { presentOwnSite } from '../presenters/present-own-site.ts';
import { presentOrder, presentSite } from '../presenters/present-site.ts';
import type { OwnAccount } from '../sign-in/own-account.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { makeAcceptOrder } from '../use-cases/accept-order.ts';
import type { ChangeEmail } from '../use-cases/change-email.ts';
import type { ChangeSite } from '../use-cases/change-site.ts';
import type { CheckDomain } from '../use-cases/check-domain.ts';
import type { Examine } from '../use-cases/examine.ts';
import type { FollowEvents } from '../use-cases/follow-events.ts';
import type { FollowFleet } from '../use-cases/follow-fleet.ts';
import type { FollowLogs } from '../use-cases/follow-logs.ts';
import type { makeFollowOperation } from '../use-cases/follow-operation.ts';
import type { KeepHosts } from '../use-cases/keep-hosts.ts';
import type { KeepProtection } from '../use-cases/keep-protection.ts';
import type { KeepRegistries } from '../use-cases/keep-registries.ts';
import type { KeepUsers } from '../use-cases/keep-users.ts';
import type { ManageWebhooks } from '../use-cases/manage-webhooks.ts';
import type { ReadMe } from '../use-cases/read-me.ts';
import { readSiteRequests } from '../use-cases/read-site-requests.ts';
import type { ReadSiteTraffic } from '../use-cases/read-site-traffic.ts';
import type { makeReadTunnel } from '../use-cases/read-tunnel.ts';
import { makeAccountHandlers } from './account-handlers.ts';
import { makeAdminHandlers } from './admin-handlers.ts';
import { type Caller, ownerOf } from './caller.ts';
import {
  nextLink,
  parseCursor,
  parseRequestCursor,
  parseSeqCursor,
  toCursor,
  toRequestCursor,
  toSeqCursor,
} from './cursor.ts';
import { lastEventIdOf, sendEventStream, wantsEventStream } from './event-stream.ts';
import { makeFleetHandlers } from './fleet-handlers.ts';
import { mustRestartSeldom } from './must-restart-seldom.ts';
import { mustRetrySeldom } from './must-retry-seldom.ts';
import { makeProtectionHandlers } from './protection-handlers.ts';
import { makeSignInHandlers } from './sign-in-handlers.ts';
import { makeTellingHandlers } from './telling-handlers.ts';

type Routes = typeof routes;
type Part<N extends RouteName, P extends string> =
  Routes[N] extends Record<P, z.ZodType> ? z.output<Routes[N][P]> : undefined;

/** A request that was identified, parsed and found good. */
export interface Call<Query = unknown, Body = unknown> {
  request: Request;
  response: Response;
  caller: Caller;
  requestId: string;
  idempotencyKey: string;
  params: Record<string, string>;
  query: Query;
  body: Body;
}

/** A handler for each route of the contract. @returns the answer, or nothing when it has answered by itself */
export type Handlers = {
  [N in RouteName]: (
    call: Call<Part<N, 'query'>, Part<N, 'body'>>,
  ) => Promise<z.input<Routes[N]['answer']> | undefined>;
};

/** Any of them, for the one place that calls all: what it gives them was parsed by their own route's schemas. */
export type AnyHandler = (call: Call) => Promise<unknown>;

interface HandlerDeps {
  db: Database;
  newId(): string;
  now(): Date;
  /** the process stops: nobody is kept waiting any more */
  stopping: AbortSignal;
  acceptOrder: ReturnType<typeof makeAcceptOrder>;
  changeSite: ChangeSite;
  followOperation: ReturnType<typeof makeFollowOperation>;
  followEvents: FollowEvents;
  followFleet: FollowFleet;
  readTunnel: ReturnType<typeof makeReadTunnel>;
  registries: KeepRegistries;
  examine: Examine;
  hosts: KeepHosts;
  checkDomain: CheckDomain;
  readSiteTraffic: ReadSiteTraffic;
  readOverview(): Promise<Overview>;
  followLogs: FollowLogs;
  manageWebhooks: ManageWebhooks;
  chance: Chance;
  clock: Clock;
  signIn: SignIn;
  ownAccount: OwnAccount;
  users: KeepUsers;
  changeEmail: ChangeEmail;
  readMe: ReadMe;
  protection: KeepProtection;
}

/** What each route does. */
export function makeHandlers(deps: HandlerDeps): Handlers {
  const {
    db,
    newId,
    now,
    stopping,
    acceptOrder,
    changeSite,
    followOperation,
    followEvents,
    readTunnel,
    registries,
    hosts,
  } = deps;

  const requesterOf = ({ caller, requestId }: Call): Requester => ({
    apiKeyId: caller.id,
    causeId: requestId,
    operationId: newId(),
  });
  /** An operation that was just asked for, with its address. */
  const begun = async (call: Call, operationId: Promise<string>) => {
    const operation = await followOperation(await operationId, 0, stopping);
    call.response.setHeader('Location', operation.url);
    return ownerOf(call.caller) ? presentOwnOperation(operation) : operation;
  };
  const getSite = async (key: string) => {
    const site = await findSite(db, key);
    if (!site) throw new BerthError('site.not-found', `there is no site ${key}`);
    return site;
  };
  /** A page of a list, with the address of the next one. */
  const page = <T>(call: Call, data: T[], nextCursor: string | null) => {
    if (nextCursor) call.response.setHeader('Link', nextLink(call.request.originalUrl, nextCursor));
    return { data, nextCursor };
  };

  return {
    async createOrder(call) {
      const { answer, replayed } = await acceptOrder(call.body, {
        apiKeyId: call.caller.id,
        idempotencyKey: call.idempotencyKey,
        causeId: call.requestId,
        mayUseExistingZone: isOperator(call.caller),
      });
      call.response.setHeader('Location', answer.operation.url);
      if (replayed) call.response.setHeader('Idempotent-Replayed', 'true');
      return answer;
    },
    async getOrder({ params }) {
      const site = await findSiteOfOrder(db, params.orderId ?? '');
      if (!site) throw new BerthError('order.not-found', `there is no order ${params.orderId}`);
      return presentOrder(site);
    },
    async getSite({ params, caller }) {
      const site = await getSite(params.key ?? '');
      const whole = presentSite(site, await readSiteParts(db, site.id), now());
      return ownerOf(caller) ? presentOwnSite(whole) : whole;
    },
    async getSiteDomain({ params }) {
      return presentDomain(await readSiteDomain(db, params.key ?? ''));
    },
    checkDomain: ({ params, requestId }) => deps.checkDomain(params.key ?? '', requestId),
    async getSiteHealth({ params, caller }) {
      const { id, key } = await getSite(params.key ?? '');
      const health = { site: key, ...(await readSiteHealth(db, id)) };
      return ownerOf(caller) ? presentOwnHealth(health) : health;
    },
    getSiteTraffic: async ({ params, query }) => deps.readSiteTraffic(await getSite(params.key ?? ''), query),
    async listSiteRequests(call) {
      const { id } = await getSite(call.params.key ?? '');
      const { next, ...read } = await readSiteRequests(db, id, call.query, parseRequestCursor(call.query.cursor));
      const { nextCursor } = page(call, read.data, next && toRequestCursor(next));
      return { ...read, nextCursor, destination: ownerOf(call.caller) ? null : read.destination };
    },
    async getSiteTunnel({ params, request }) {
      return readTunnel(await getSite(params.key ?? ''), closing(request));
    },
    createSiteTunnel: async (call) =>
      begun(call, changeSite.wantTunnel(call.params.key ?? '', call.body, requesterOf(call))),
    deleteSiteTunnel: async (call) =>
      begun(call, changeSite.dropTunnel(call.params.key ?? '', call.body.domain, requesterOf(call))),
    async listSiteEvents(call) {
      const { id } = await getSite(call.params.key ?? '');
      const after = parseSeqCursor(call.query.cursor);
      const present = (event: SiteEvent) => (ownerOf(call.caller) ? presentOwnEvent(event) : event);
      if (wantsEventStream(call.request)) {
        const from = lastEventIdOf(call.request) ?? after;
        const toEvent = (event: SiteEvent) => ({ id: event.seq, type: event.type, data: present(event) });
        await sendEventStream(call, (signal) => followEvents.follow(id, from, signal), toEvent, stopping);
        return undefined;
      }
      const events = await followEvents.list(id, after, call.query.limit + 1);
      const shown = events.slice(0, call.query.limit).map(present);
      const last = shown.at(-1);
      return page(call, shown, last && events.length > shown.length ? toSeqCursor(last.seq) : null);
    },
    async listSiteLogs(call) {
      const { id } = await getSite(call.params.key ?? '');
      // What a tunnel writes names the edge's and the host's addresses.
      const query = ownerOf(call.caller) ? { ...call.query, source: 'container' as const } : call.query;
      if (query.follow === '1' || wantsEventStream(call.request)) {
        const after = lastEventIdOf(call.request) ?? query.after;
        const wish = { ...query, after: after === undefined ? undefined : String(after) };
        const toEvent = (line: LogLine) => ({ id: line.id, type: 'line', data: line });
        await sendEventStream(call, (signal) => deps.followLogs.follow(id, wish, signal), toEvent, stopping);
        return undefined;
      }
      const lines = await deps.followLogs.list(id, query);
      return page(call, lines, null);
    },
    restartSite: async (call) => {
      if (ownerOf(call.caller)) await mustRestartSeldom(db, call.params.key ?? '');
      return begun(call, changeSite.restart(call.params.key ?? '', call.body.target, requesterOf(call)));
    },
    async retryCondition({ params, requestId }) {
      const { key = '', aspect = '' } = params;
      await getSite(key);
      await mustRetrySeldom(db, key);
      await changeSite.retry(key, aspect, { causeId: requestId });
      const site = await getSite(key);
      const { conditions } = presentSite(site, await readSiteParts(db, site.id), now());
      return { data: conditions.filter((one) => one.aspect === aspect), nextCursor: null };
    },
    async deploySite(call) {
      if (call.body.create && !isOperator(call.caller)) {
        throw new BerthError('auth.forbidden', 'create takes a key with the scope operator');
      }
      return begun(call, changeSite.deploy(call.params.key ?? '', call.body, requesterOf(call)));
    },
    confirmSite: (call) => begun(call, changeSite.confirm(call.params.key ?? '', requesterOf(call))),
    deleteSite: (call) => begun(call, changeSite.remove(call.params.key ?? '', call.body.domain, requesterOf(call))),
    async getOperation({ params, query, request, caller }) {
      const until = AbortSignal.any([closing(request), stopping]);
      const operation = await followOperation(params.id ?? '', query.wait * 1000, until);
      return ownerOf(caller) ? presentOwnOperation(operation) : operation;
    },
    getOverview: deps.readOverview,
    listHosts: async () => ({ data: await hosts.list(), nextCursor: null }),
    getHost: ({ params }) => hosts.get(params.host ?? ''),
    changeHost: (call) => hosts.change(call.params.host ?? '', call.body, requesterOf(call)),
    examine: () => deps.examine(),
    listRegistries: async () => ({ data: await registries.list(), nextCursor: null }),
    getRegistry: ({ params }) => registries.get(params.registry ?? ''),
    putRegistry: ({ params, body, requestId }) => registries.put(params.registry ?? '', body, requestId),
    deleteRegistry: ({ params }) => registries.remove(params.registry ?? ''),
    async listTunnels(call) {
      const { limit, cursor } = call.query;
      const { tunnels, next } = await listTunnels(db, { after: parseCursor(cursor), limit });
      return page(call, tunnels, next ? toCursor(next) : null);
    },
    ...makeFleetHandlers({ db, followFleet: deps.followFleet, stopping, page }),
    ...makeAdminHandlers({ db, chance: deps.chance, clock: deps.clock, page }),
    ...makeAccountHandlers({ db, ownAccount: deps.ownAccount, users: deps.users, changeEmail: deps.changeEmail }),
    ...makeSignInHandlers({ db, signIn: deps.signIn, readMe: deps.readMe }),
    ...makeProtectionHandlers(deps.protection),
    ...makeTellingHandlers({ db, manageWebhooks: deps.manageWebhooks, page }),
  };
}

function isOperator({ scopes }: Caller): boolean {
  return scopes.includes('operator') || scopes.includes('admin');
}

/** Aborted when the caller has gone. */
function closing(request: Request): AbortSignal {
  const gone = new AbortController();
  request.res?.once('close', () => gone.abort());
  return gone.signal;
}
