import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { BerthError } from '@berth/shared/errors/berth-error';
import type { TokenApi, TokenWithSecret } from '../reconcile/access-api.ts';

/** An account has 50 at most. */
const PER_PAGE = 1000;

/** Service tokens of Access, over Cloudflare's API. */
export function makeCloudflareAccessTokens(cloudflare: Cloudflare): TokenApi {
  const account_id = cloudflare.accountId;
  return {
    async listTokens(signal) {
      const page = await cloudflare.call({ doing: 'listing service tokens of Access', signal }, (sdk, options) =>
        sdk.zeroTrust.access.serviceTokens.list({ account_id, per_page: PER_PAGE }, options),
      );
      return (page.result ?? []).map(({ id = '', name = '', expires_at }) => {
        return { id, name, expiresAt: expires_at === undefined ? undefined : new Date(expires_at) };
      });
    },
    async createToken(name, signal) {
      const doing = `making the service token ${name}`;
      const made = await cloudflare.call({ doing, signal }, (sdk, options) =>
        sdk.zeroTrust.access.serviceTokens.create({ account_id, name }, options),
      );
      return withSecret(made, doing);
    },
    async rotateToken(id, signal) {
      const doing = `giving service token ${id} another secret`;
      const made = await cloudflare.call({ doing, signal }, (sdk, options) =>
        sdk.zeroTrust.access.serviceTokens.rotate(id, { account_id }, options),
      );
      return withSecret(made, doing);
    },
    async refreshToken(id, signal) {
      await cloudflare.call({ doing: `prolonging service token ${id}`, signal }, (sdk, options) =>
        sdk.zeroTrust.access.serviceTokens.refresh(id, { account_id }, options),
      );
    },
  };
}

interface Shown {
  id?: string;
  client_id?: string;
  client_secret?: string;
}

function withSecret({ id, client_id: clientId, client_secret: clientSecret }: Shown, doing: string): TokenWithSecret {
  if (id && clientId && clientSecret) return { id, clientId, clientSecret };
  throw new BerthError('cloudflare.refused', `${doing}: answered without a secret`);
}
