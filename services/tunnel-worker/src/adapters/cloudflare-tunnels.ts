import type { Cloudflare } from '@berth/cloudflare/make-cloudflare';
import { isRefusal, refusalOf } from '@berth/cloudflare/to-berth-error';
import { BerthError } from '@berth/shared/errors/berth-error';
import { Secret } from '@berth/shared/runtime/secret';
import type { Tunnels } from '../reconcile/tunnel-access.ts';

const HAS_CONNECTIONS = 1022;

/** Tunnels of the account, over Cloudflare's API. */
export function makeCloudflareTunnels(cloudflare: Cloudflare): Tunnels {
  const account_id = cloudflare.accountId;

  return {
    async findByName(name, signal) {
      const page = await cloudflare.call({ doing: `looking for tunnel ${name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.tunnels.cloudflared.list({ account_id, name, is_deleted: false }, options),
      );
      return (page.result ?? []).find((tunnel) => tunnel.name === name && !tunnel.deleted_at)?.id;
    },
    async exists(tunnelId, signal) {
      try {
        const tunnel = await cloudflare.call({ doing: `reading tunnel ${tunnelId}`, signal }, (sdk, options) =>
          sdk.zeroTrust.tunnels.cloudflared.get(tunnelId, { account_id }, options),
        );
        return !tunnel.deleted_at;
      } catch (error) {
        if (refusalOf(error)?.status === 404) return false;
        throw error;
      }
    },
    async readSecret(tunnelId, signal) {
      const token = await cloudflare.call(
        { doing: `reading the token of tunnel ${tunnelId}`, signal },
        (sdk, options) => sdk.zeroTrust.tunnels.cloudflared.token.get(tunnelId, { account_id }, options),
      );
      return new Secret(secretOfToken(token));
    },
    async changeSecret(tunnelId, secret, signal) {
      await cloudflare.call({ doing: `changing the secret of tunnel ${tunnelId}`, signal }, (sdk, options) =>
        sdk.zeroTrust.tunnels.cloudflared.edit(tunnelId, { account_id, tunnel_secret: secret.reveal() }, options),
      );
    },
    async hasConnections(tunnelId, signal) {
      const page = await cloudflare.call(
        { doing: `reading the connections of tunnel ${tunnelId}`, signal },
        (sdk, options) => sdk.zeroTrust.tunnels.cloudflared.connections.get(tunnelId, { account_id }, options),
      );
      return (page.result ?? []).length > 0;
    },
    async create(name, secret, signal) {
      const tunnel = await cloudflare.call({ doing: `creating tunnel ${name}`, signal }, (sdk, options) =>
        sdk.zeroTrust.tunnels.cloudflared.create(
          { account_id, name, tunnel_secret: secret.reveal(), config_src: 'local' },
          options,
        ),
      );
      if (!tunnel.id) throw new BerthError('cloudflare.refused', `creating tunnel ${name}: answered without an id`);
      return tunnel.id;
    },
    async dropConnections(tunnelId, signal) {
      await tolerateAbsence(
        cloudflare.call({ doing: `dropping the connections of tunnel ${tunnelId}`, signal }, (sdk, options) =>
          sdk.zeroTrust.tunnels.cloudflared.connections.delete(tunnelId, { account_id }, options).then(() => true),
        ),
      );
    },
    async remove(tunnelId, signal) {
      try {
        await tolerateAbsence(
          cloudflare.call({ doing: `deleting tunnel ${tunnelId}`, signal }, (sdk, options) =>
            sdk.zeroTrust.tunnels.cloudflared.delete(tunnelId, { account_id }, options),
          ),
        );
        return true;
      } catch (error) {
        if (isRefusal(error, HAS_CONNECTIONS)) return false;
        throw error;
      }
    },
  };
}

async function tolerateAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (refusalOf(error)?.status !== 404) throw error;
  }
}

/** A tunnel's token is base64 of `{"a": account, "t": tunnel, "s": secret}`. */
function secretOfToken(token: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
    if (parsed !== null && typeof parsed === 'object' && 's' in parsed && typeof parsed.s === 'string') return parsed.s;
  } catch {
    // falls through: what isn't readable isn't ours
  }
  return '';
}
