import type { Overview } from '@berth/contract/overview';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { Chance } from '@berth/shared/runtime/chance';
import type { Clock } from '@berth/shared/runtime/clock';
import type { Requester } from '@berth/shared/store/locked-site';
import { findSiteOfOrder, listTunnels, readSiteParts } from '@berth/shared/store/read-sites';
import { presentOwnOperation } from '../presenters/present-own.ts';
import { presentOrder, presentSite } from '../presenters/present-site.ts';
import type { OwnAccount } from '../sign-in/own-account.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { makeAcceptOrder } from '../use-cases/accept-order.ts';
import type { ChangeEmail } from '../use-cases/change-email.ts';
import type { ChangeSite } from '../use-cases/change-site.ts';
import type { Examine } from '../use-cases/examine.ts';
import type { FollowFleet } from '../use-cases/follow-fleet.ts';
import type { makeFollowOperation } from '../use-cases/follow-operation.ts';
import type { KeepHosts } from '../use-cases/keep-hosts.ts';
import type { KeepProtection } from '../use-cases/keep-protection.ts';
import type { KeepRegistries } from '../use-cases/keep-registries.ts';
import type { KeepUsers } from '../use-cases/keep-users.ts';
import type { ManageWebhooks } from '../use-cases/manage-webhooks.ts';
import type { ReadMe } from '../use-cases/read-me.ts';
import { makeAccountHandlers } from './account-handlers.ts';
import { makeAdminHandlers } from './admin-handlers.ts';
import { type Caller, ownerOf } from './caller.ts';
import { parseCursor, toCursor } from './cursor.ts';
import { makeFleetHandlers } from './fleet-handlers.ts';
import { getSite } from './get-site.ts';
import type { Call, Handlers } from './handler-types.ts';
import { mustRestartSeldom } from './must-restart-seldom.ts';
import { mustRetrySeldom } from './must-retry-seldom.ts';
import { page } from './page.ts';
import { makeProtectionHandlers } from './protection-handlers.ts';
import { closing } from './request-closing.ts';
import { makeSignInHandlers } from './sign-in-handlers.ts';
import { makeSiteHandlers, type SiteHandlerDeps } from './site-handlers.ts';
import { makeTellingHandlers } from './telling-handlers.ts';

interface HandlerDeps extends SiteHandlerDeps {
  newId(): string;
  acceptOrder: ReturnType<typeof makeAcceptOrder>;
  changeSite: ChangeSite;
  followOperation: ReturnType<typeof makeFollowOperation>;
  followFleet: FollowFleet;
  registries: KeepRegistries;
  examine: Examine;
  hosts: KeepHosts;
  readOverview(): Promise<Overview>;
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
  const { db, newId, now, stopping, acceptOrder, changeSite, followOperation, registries, hosts } = deps;

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
    createSiteTunnel: async (call) =>
      begun(call, changeSite.wantTunnel(call.params.key ?? '', call.body, requesterOf(call))),
    deleteSiteTunnel: async (call) =>
      begun(call, changeSite.dropTunnel(call.params.key ?? '', call.body.domain, requesterOf(call))),
    restartSite: async (call) => {
      if (ownerOf(call.caller)) await mustRestartSeldom(db, call.params.key ?? '');
      return begun(call, changeSite.restart(call.params.key ?? '', call.body.target, requesterOf(call)));
    },
    async retryCondition({ params, requestId }) {
      const { key = '', aspect = '' } = params;
      await getSite(db, key);
      await mustRetrySeldom(db, key);
      await changeSite.retry(key, aspect, { causeId: requestId });
      const site = await getSite(db, key);
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
    ...makeSiteHandlers(deps),
    ...makeFleetHandlers({ db, followFleet: deps.followFleet, stopping }),
    ...makeAdminHandlers({ db, chance: deps.chance, clock: deps.clock }),
    ...makeAccountHandlers({ db, ownAccount: deps.ownAccount, users: deps.users, changeEmail: deps.changeEmail }),
    ...makeSignInHandlers({ db, signIn: deps.signIn, readMe: deps.readMe }),
    ...makeProtectionHandlers(deps.protection),
    ...makeTellingHandlers({ db, manageWebhooks: deps.manageWebhooks }),
  };
}

function isOperator({ scopes }: Caller): boolean {
  return scopes.includes('operator') || scopes.includes('admin');
}
