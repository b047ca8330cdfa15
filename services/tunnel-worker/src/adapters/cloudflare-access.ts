import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { refusalOf } from '@berth/cloudflare/to-berth-error';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { ApplicationCreateParams } from 'cloudflare/resources/zero-trust/access/applications/applications';
import type { PolicyCreateParams } from 'cloudflare/resources/zero-trust/access/policies';
import type {
  AccessApi,
  AccessRule,
  ObservedApplication,
  ObservedPolicy,
  WantedApplication,
  WantedPolicy,
} from '../reconcile/access-api.ts';

/** An account has 500 of each at most. */
const PER_PAGE = 1000;

/** Applications and reusable policies of Access, over Cloudflare's API. */
export function makeCloudflareAccess(cloudflare: Cloudflare): AccessApi {
  const account_id = cloudflare.accountId;
  return {
    async findApplication(hostname, signal) {
      const page = await cloudflare.call(
        { doing: `looking for an application of ${hostname}`, signal },
        (sdk, options) =>
          sdk.zeroTrust.access.applications.list({ account_id, domain: hostname, exact: true }, options),
      );
      const [found] = (page.result ?? []) as readonly Shown[];
      return found && toApplication(found);
    },
    async createApplication(application, signal) {
      await cloudflare.call({ doing: `making the application ${application.name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.applications.create(toBody(account_id, application), options),
      );
    },
    async changeApplication(id, application, signal) {
      await cloudflare.call({ doing: `changing application ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.applications.update(id, toBody(account_id, application), options),
      );
    },
    removeApplication: (id, signal) =>
      tolerateAbsence(
        cloudflare.call({ doing: `deleting application ${id}`, signal }, (sdk, options) =>
          sdk.zeroTrust.access.applications.delete(id, { account_id }, options),
        ),
      ),
    async listPolicies(signal) {
      const page = await cloudflare.call({ doing: 'listing policies of Access', signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.list({ account_id, per_page: PER_PAGE }, options),
      );
      return ((page.result ?? []) as readonly Shown[]).map(toPolicy);
    },
    async createPolicy(policy, signal) {
      const { id } = await cloudflare.call({ doing: `making the policy ${policy.name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.create(toPolicyBody(account_id, policy), options),
      );
      if (!id) throw new BerthError('cloudflare.refused', `making the policy ${policy.name}: answered without an id`);
      return id;
    },
    async changePolicy(id, policy, signal) {
      await cloudflare.call({ doing: `changing policy ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.policies.update(id, toPolicyBody(account_id, policy), options),
      );
    },
    removePolicy: (id, signal) =>
      tolerateAbsence(
        cloudflare.call({ doing: `deleting policy ${id}`, signal }, (sdk, options) =>
          sdk.zeroTrust.access.policies.delete(id, { account_id }, options),
        ),
      ),
  };
}

/** What of Cloudflare's answers is read here; any of it may be missing. */
interface Shown {
  id?: string;
  name?: string;
  decision?: string;
  domain?: string;
  self_hosted_domains?: readonly string[];
  session_duration?: string;
  policies?: readonly { id?: string; precedence?: number }[];
  include?: readonly AccessRule[];
  exclude?: readonly unknown[];
  require?: readonly unknown[];
}

function toApplication(shown: Shown): ObservedApplication {
  const { id = '', name = '', domain = '', session_duration: sessionDuration = '', policies = [] } = shown;
  const order = [...policies].sort((a, b) => (a.precedence ?? 0) - (b.precedence ?? 0));
  const hostnames = [...(shown.self_hosted_domains ?? [domain])].sort();
  return { id, name, hostnames, sessionDuration, policies: order.map((one) => one.id ?? '') };
}

function toPolicy({
  id = '',
  name = '',
  decision = '',
  include = [],
  exclude = [],
  require: needed = [],
}: Shown): ObservedPolicy {
  return { id, name, decision, include, narrowed: exclude.length + needed.length > 0 };
}

function toBody(account_id: string, { name, hostnames, sessionDuration, policies }: WantedApplication) {
  return {
    account_id,
    type: 'self_hosted',
    name,
    domain: hostnames[0],
    self_hosted_domains: [...hostnames],
    session_duration: sessionDuration,
    app_launcher_visible: false,
    policies: policies.map((id, index) => ({ id, precedence: index + 1 })),
  } as ApplicationCreateParams;
}

function toPolicyBody(account_id: string, { name, decision, include }: WantedPolicy): PolicyCreateParams {
  return { account_id, name, decision, include: [...include] as unknown as PolicyCreateParams['include'] };
}

async function tolerateAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error;
  }
}
