import type { Account } from './account.ts';
import { ApiError } from './api-error.ts';
import type { Call, Route } from './call.ts';
import { toPage } from './page.ts';
import type { Tunnel, TunnelConnection } from './tunnel.ts';

const BASE = '/accounts/:account/cfd_tunnel';
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const tunnelRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: BASE,
    needs: 'tunnel.read',
    query: {
      name: 'text',
      is_deleted: ['true', 'false'],
      status: ['inactive', 'degraded', 'healthy', 'down'],
      uuid: 'text',
      include_prefix: 'text',
      exclude_prefix: 'text',
      existed_at: 'text',
      page: 'text',
      per_page: 'text',
    },
    handle: ({ account, query }) => {
      const named = query.get('name');
      const onlyLive = query.get('is_deleted') === 'false';
      const live = named === null ? undefined : account.liveTunnelNamed(named);
      const candidates = named !== null && onlyLive ? (live ? [live] : []) : account.tunnels();
      const found = candidates.filter((tunnel) => matches(tunnel, query));
      return toPage(found, query, { min: 1, max: 1000, usual: 100 }, (tunnel) => showTunnel(tunnel, account));
    },
  },
  {
    method: 'POST',
    path: BASE,
    needs: 'tunnel.edit',
    fields: ['name', 'tunnel_secret', 'config_src'],
    handle: ({ account, body }) => {
      const source = body.config_src ?? 'local';
      if (source !== 'local' && source !== 'cloudflare') throw new ApiError(400, 1001, 'Invalid config_src');
      const tunnel = account.createTunnel(nameOf(body), secretOf(body), source);
      const credentials = {
        AccountTag: account.id,
        TunnelID: tunnel.id,
        TunnelName: tunnel.name,
        TunnelSecret: tunnel.secret,
      };
      return {
        result: {
          ...showTunnel(tunnel, account),
          credentials_file: credentials,
          token: tunnel.token(account.id),
        },
      };
    },
  },
  {
    method: 'GET',
    path: `${BASE}/:tunnel`,
    needs: 'tunnel.read',
    handle: ({ account, params }) => ({ result: showTunnel(account.tunnel(params.tunnel ?? ''), account) }),
  },
  {
    method: 'PATCH',
    path: `${BASE}/:tunnel`,
    needs: 'tunnel.edit',
    fields: ['name', 'tunnel_secret'],
    handle: ({ account, params, body }) => {
      const tunnel = liveTunnel(account, params);
      if (body.name !== undefined) account.renameTunnel(tunnel, nameOf(body));
      tunnel.secret = secretOf(body) ?? tunnel.secret;
      account.changed();
      return { result: showTunnel(tunnel, account) };
    },
  },
  {
    method: 'DELETE',
    path: `${BASE}/:tunnel`,
    needs: 'tunnel.edit',
    query: { cascade: ['true', 'false'] },
    handle: ({ account, params, query }) => {
      const tunnel = account.tunnel(params.tunnel ?? '');
      if (query.get('cascade') === 'true') tunnel.drop();
      account.deleteTunnel(tunnel);
      return { result: showTunnel(tunnel, account) };
    },
  },
  {
    method: 'GET',
    path: `${BASE}/:tunnel/connections`,
    needs: 'tunnel.read',
    handle: ({ account, params }) => ({ result: showConnectors(account.tunnel(params.tunnel ?? '')) }),
  },
  {
    method: 'DELETE',
    path: `${BASE}/:tunnel/connections`,
    needs: 'tunnel.edit',
    query: { client_id: 'text' },
    handle: ({ account, params, query }) => {
      liveTunnel(account, params).drop(query.get('client_id') ?? undefined);
      return { result: null };
    },
  },
  {
    method: 'GET',
    path: `${BASE}/:tunnel/token`,
    needs: 'tunnel.edit',
    handle: ({ account, params }) => ({ result: liveTunnel(account, params).token(account.id) }),
  },
];

function liveTunnel(account: Account, params: Call['params']): Tunnel {
  const tunnel = account.tunnel(params.tunnel ?? '');
  if (tunnel.deletedAt) throw new ApiError(404, 1003, 'Tunnel not found');
  return tunnel;
}

function nameOf({ name }: Record<string, unknown>): string {
  if (typeof name !== 'string' || name === '' || name.length > 100)
    throw new ApiError(400, 1001, 'Invalid tunnel name');
  if (UUID.test(name)) throw new ApiError(400, 1001, 'Tunnel name must not be a UUID');
  return name;
}

function secretOf({ tunnel_secret: secret }: Record<string, unknown>): string | undefined {
  if (secret === undefined) return undefined;
  if (typeof secret !== 'string' || !BASE64.test(secret) || Buffer.from(secret, 'base64').length < 32) {
    throw new ApiError(400, 1001, 'tunnel_secret must be at least 32 bytes in base64');
  }
  return secret;
}

function matches(tunnel: Tunnel, query: URLSearchParams): boolean {
  const { name, is_deleted, status, uuid, include_prefix, exclude_prefix, existed_at } = Object.fromEntries(query);
  if (name !== undefined && tunnel.name !== name) return false;
  if (is_deleted !== undefined && (tunnel.deletedAt !== null) !== (is_deleted === 'true')) return false;
  if (status !== undefined && tunnel.status !== status) return false;
  if (uuid !== undefined && tunnel.id !== uuid) return false;
  if (existed_at !== undefined && !existedAt(tunnel, existed_at)) return false;
  if (include_prefix !== undefined && !tunnel.name.startsWith(include_prefix)) return false;
  return exclude_prefix === undefined || !tunnel.name.startsWith(exclude_prefix);
}

function existedAt({ createdAt, deletedAt }: Tunnel, time: string): boolean {
  const at = Date.parse(time);
  if (Number.isNaN(at)) throw new ApiError(400, 1001, 'Invalid value for existed_at');
  return Date.parse(createdAt) <= at && (deletedAt === null || at < Date.parse(deletedAt));
}

/** The connections in it are always empty: Cloudflare's own description says that they will be. */
function showTunnel(tunnel: Tunnel, account: Account) {
  return {
    id: tunnel.id,
    account_tag: account.id,
    name: tunnel.name,
    created_at: tunnel.createdAt,
    deleted_at: tunnel.deletedAt,
    conns_active_at: tunnel.connections.size > 0 ? tunnel.activeAt : null,
    conns_inactive_at: tunnel.connections.size > 0 ? null : tunnel.inactiveAt,
    connections: [],
    status: tunnel.status,
    tun_type: 'cfd_tunnel',
    config_src: tunnel.configSrc,
    remote_config: tunnel.configSrc === 'cloudflare',
    metadata: {},
  };
}

function showConnectors(tunnel: Tunnel): unknown[] {
  const byConnector = new Map<string, TunnelConnection[]>();
  for (const connection of tunnel.connections.values()) {
    const id = connection.connector.connectorId;
    byConnector.set(id, [...(byConnector.get(id) ?? []), connection]);
  }
  return [...byConnector].map(([id, connections]) => {
    const connector = connections[0]?.connector;
    return {
      id,
      arch: connector?.arch,
      config_version: -1,
      features: ['ha-origin'],
      run_at: connections[0]?.openedAt,
      version: connector?.version,
      conns: connections.map((connection) => ({
        id: connection.id,
        client_id: id,
        client_version: connector?.version,
        colo_name: connection.coloName,
        is_pending_reconnect: false,
        opened_at: connection.openedAt,
        origin_ip: '127.0.0.1',
        uuid: connection.id,
      })),
    };
  });
}
