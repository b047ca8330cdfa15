import { readFileSync } from 'node:fs';
import { Cluster, type RedisOptions } from 'ioredis';
import type { RedisPlace } from '../domain/redis-place.ts';

/** What BullMQ connects with: options of one connection, or a cluster's client that it copies. */
export interface RedisConnection {
  connection: RedisOptions | Cluster;
  /** ends what BullMQ doesn't end by itself */
  end(): void;
}

interface Wanted {
  /** further root certificates, in PEM */
  caFile?: string | undefined;
  /** queues fail fast, so that a hint never holds up its sender; workers wait for the Redis to come back */
  patient: boolean;
}

/** The connection to a Redis, wherever it is. */
export function toRedisConnection(place: RedisPlace, { caFile, patient }: Wanted): RedisConnection {
  const { kind, nodes, master, username, password, sentinelPassword, db, tls } = place;
  const secured = tls ? { tls: caFile ? { ca: readFileSync(caFile) } : {} } : {};
  const common: RedisOptions = {
    ...(username && { username }),
    ...(password && { password }),
    ...secured,
    ...(patient ? { maxRetriesPerRequest: null } : { maxRetriesPerRequest: 1, enableOfflineQueue: false }),
  };
  if (kind === 'cluster') {
    const cluster = new Cluster(nodes, {
      redisOptions: common,
      enableOfflineQueue: patient,
      // A node that moved is asked for again; one whose name the certificate says is called by it.
      ...(tls && { dnsLookup: (address, callback) => callback(null, address) }),
    });
    cluster.on('error', () => undefined);
    return { connection: cluster, end: () => cluster.disconnect() };
  }
  if (kind === 'sentinel') {
    return {
      connection: {
        ...common,
        sentinels: nodes,
        ...(master && { name: master }),
        ...(sentinelPassword && { sentinelPassword }),
        ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: secured.tls }),
        db,
      },
      end: () => undefined,
    };
  }
  const [node = { host: 'localhost', port: 6379 }] = nodes;
  return { connection: { ...common, ...node, db }, end: () => undefined };
}
