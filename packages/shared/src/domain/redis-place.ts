import { type Parsed, parsed, refused } from './parsed.ts';

/** Where a Redis is, as its URL says. */
export interface RedisPlace {
  /** one server; servers that sentinels tell; or a cluster */
  kind: 'single' | 'sentinel' | 'cluster';
  /** of the server, the sentinels, or some of the cluster */
  nodes: { host: string; port: number }[];
  /** what the sentinels call it */
  master: string | undefined;
  username: string | undefined;
  password: string | undefined;
  /** the sentinels' own password */
  sentinelPassword: string | undefined;
  db: number;
  tls: boolean;
}

const SHAPE = /^(redis|rediss)(?:-(sentinel|cluster))?:\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/(\d{0,3}))?(?:\?([^#]*))?$/;
const DEFAULT_PORTS = { single: 6379, cluster: 6379, sentinel: 26_379 } as const;

/**
 * Reads `redis://[user:password@]host[:port][/db]`, with `rediss` for TLS; `redis-sentinel://…@host:port,host:port/db?master=NAME`
 * (and `&sentinelPassword=…`); `redis-cluster://…@host:port,host:port`. What is wrong is said without the password.
 */
export function parseRedisUrl(text: string): Parsed<RedisPlace> {
  const found = SHAPE.exec(text);
  if (!found) return refused('must look like redis://user:password@host:6379/0');
  const [, scheme, kind = 'single', credentials = '', hosts = '', db = '', query = ''] = found;
  if (kind !== 'single' && kind !== 'sentinel' && kind !== 'cluster') return refused('is of an unknown kind');
  const nodes = hosts.split(',').map((host) => parseNode(host, DEFAULT_PORTS[kind]));
  if (!nodes.every((node) => node !== undefined)) return refused('must name hosts as host or host:port');
  if (kind === 'single' && nodes.length > 1)
    return refused('names several hosts: redis-sentinel:// and redis-cluster:// do');
  const options = new URLSearchParams(query);
  const master = options.get('master') ?? undefined;
  if (kind === 'sentinel' && !master) return refused('must say what the sentinels call it: ?master=NAME');
  const unknown = [...options.keys()].find((name) => !['master', 'sentinelPassword'].includes(name));
  if (unknown !== undefined) return refused(`has an unknown option ${unknown}`);
  const secret = decodeCredentials(credentials);
  if (!secret) return refused('has a user or password that is not encoded as in a URL');
  return parsed({
    kind,
    nodes,
    master,
    ...secret,
    sentinelPassword: options.get('sentinelPassword') ?? undefined,
    db: Number(db || 0),
    tls: scheme === 'rediss',
  });
}

function parseNode(text: string, otherwise: number): { host: string; port: number } | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-fA-F:]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? otherwise : Number(port);
  return host === undefined || number < 1 || number > 65_535 ? undefined : { host, port: number };
}

function decodeCredentials(text: string): { username: string | undefined; password: string | undefined } | undefined {
  const [user = '', ...rest] = text.split(':');
  try {
    return {
      username: decodeURIComponent(user) || undefined,
      password: decodeURIComponent(rest.join(':')) || undefined,
    };
  } catch {
    return undefined;
  }
}
