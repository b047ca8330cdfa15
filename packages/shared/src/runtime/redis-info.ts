import { Redis } from 'ioredis';
import { parseRedisUrl } from '../domain/redis-place.ts';
import { toRedisConnection } from './redis-connection.ts';
import type { Secret } from './secret.ts';

const TIMEOUT_MS = 3000;

/**
 * What Redis says of itself (`INFO`), by a connection of its own; one master's words where it is a cluster.
 * @throws when it doesn't answer in time, or refuses the login
 */
export async function readRedisInfo(redisUrl: Secret, caFile?: string): Promise<string> {
  const place = parseRedisUrl(redisUrl.reveal());
  if (!place.ok) throw new Error(`REDIS_URL ${place.problem}`);
  const { connection, end } = toRedisConnection(place.value, { caFile, patient: true });
  const client = 'nodes' in connection ? connection : new Redis({ ...connection, lazyConnect: true });
  let cause: Error | undefined;
  client.on('error', (error: Error) => {
    cause = error;
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(cause ?? new Error('Redis did not answer')), TIMEOUT_MS);
    });
    return await Promise.race([client.info(), late]);
  } finally {
    clearTimeout(timer);
    client.disconnect();
    end();
  }
}
