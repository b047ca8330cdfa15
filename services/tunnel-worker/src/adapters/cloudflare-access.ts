import type { CallKind } from '@berth/cloudflare/call-budget';
import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { AccessApi, WantedApplication } from '../reconcile/access-api.ts';
import { isGuard, type Shown, toApplication, toBody, toPolicy, toPolicyBody } from './access-bodies.ts';

/** An account has 500 of each at most. */
const PER_PAGE = 1000;

/** Another application has one of the host names; the older code and the newer. */
const NAME_TAKEN = [11_010, 12_130];
/** Of the simulator: the real service's isn't known. */
const NO_ROOM = 12_132;

/** Applications and reusable policies of Access, over Cloudflare's API. @param kind of the calls that only look */
export function makeCloudflareAccess(cloudflare: Cloudflare, kind: CallKind = 'foreground'): AccessApi {
  const account_id = cloudflare.accountId;
  return {
    async listApplications(signal) {
      const all: Shown[] = [];
      for (let page = 1; ; page += 1) {
        const { result, result_info: info } = await cloudflare.call(
          { doing: 'listing applications of Access', signal, kind },
          (sdk, options) => sdk.zeroTrust.access.applications.list({ account_id, page, per_page: PER_PAGE }, options),
        );
        all.push(...((result ?? []) as readonly Shown[]));
        const pages = (info as { total_pages?: number } | undefined)?.total_pages ?? 1;
        if (page >= pages) return all.filter(isGuard).map(toApplication);
      }
    },
    async findApplication(hostname, signal) {
      const page = await cloudflare.call(
        { doing: `looking for an application of ${hostname}`, signal, kind },
        (sdk, options) =>
          sdk.zeroTrust.access.applications.list({ account_id, domain: hostname, exact: true }, options),
      );
      const [found] = (page.result ?? []) as readonly Shown[];
      return found && toApplication(found);
    },
    async createApplication(application, signal) {
      const making = cloudflare.call({ doing: `making the application ${application.name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.applications.create(toBody(account_id, application), options),
      );
      await named(application, havingRoom(making, `an application of ${application.hostnames.join(', ')}`));
    },
    async changeApplication(id, application, signal) {
      const changing = cloudflare.call({ doing: `changing application ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.applications.update(id, toBody(account_id, application), options),
      );
      await named(application, changing);
    },
    removeApplication: (id, signal) =>
      tolerateAbsence(
        cloudflare.call({ doing: `deleting application ${id}`, signal }, (sdk, options) =>
          sdk.zeroTrust.access.applications.delete(id, { account_id }, options),
        ),
      ),
    async listPolicies(signal) {
      const page = await cloudflare.call({ doing: 'listing policies of Access', signal, kind }, (sdk, options) =>
        sdk.zeroTrust.access.policies.list({ account_id, per_page: PER_PAGE }, options),
      );
      return ((page.result ?? []) as readonly Shown[]).map(toPolicy);
    },
    async createPolicy(policy, signal) {
      const making = cloudflare.call({ doing: `making the policy ${policy.name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.create(toPolicyBody(account_id, policy), options),
      );
      const { id } = await havingRoom(making, `the policy ${policy.name}`);
      if (!id) throw new BerthError('cloudflare.refused', `making the policy ${policy.name}: answered without an id`);
      return id;
    },
    async changePolicy(id, policy, signal) {
      await cloudflare.call({ doing: `changing policy ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.update(id, toPolicyBody(account_id, policy), options),
      );
    },
    async removePolicy(id, signal) {
      const removing = cloudflare.call({ doing: `deleting policy ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.delete(id, { account_id }, options),
      );
      try {
        await tolerateAbsence(removing);
        return true;
      } catch (error) {
        if (refusalOf(error)?.status === 409) return false;
        throw error;
      }
    },
  };
}

/** @throws BerthError `access.stranger` for that refusal */
async function named({ hostnames }: WantedApplication, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (cause) {
    const names = hostnames.join(', ');
    if (isRefusal(cause, ...NAME_TAKEN)) {
      const message = `an application of Access that Berth did not make guards one of ${names}; remove it`;
      throw new BerthError('access.stranger', message, { cause, retryAfterMs: 60_000 });
    }
    throw cause;
  }
}

/** @throws BerthError `access.quota-reached` for that refusal */
async function havingRoom<T>(work: Promise<T>, what: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!isRefusal(cause, NO_ROOM)) throw cause;
    const message = `Cloudflare's account has no room in Access for ${what}`;
    throw new BerthError('access.quota-reached', message, { cause, retryAfterMs: 60_000 });
  }
}

async function tolerateAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error;
  }
}
