import { Writable } from 'node:stream';
import { parseContainerWorkerConfig } from '@berth/container-worker/config';
import { startContainerWorker } from '@berth/container-worker/start';
import { openContext } from '@berth/shared/runtime/context';
import { makeLog } from '@berth/shared/runtime/log';
import { Secret } from '@berth/shared/runtime/secret';
import { parseTunnelWorkerConfig } from '@berth/tunnel-worker/config';
import { startTunnelWorker } from '@berth/tunnel-worker/start';

/** Workers of a host in this process, on a context of their own as in a process of their own. */
export interface HostWorkers {
  /** conditions of this aspect that they have recorded so far */
  recorded(aspect: string): number;
  stop(): Promise<void>;
}

/** Starts a container-worker of the environment's host, and its tunnel-worker's host room. */
export async function startHostWorkers(environment: Record<string, string>): Promise<HostWorkers> {
  const counts = new Map<string, number>();
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const { msg, aspect } = JSON.parse(chunk.toString());
      if (msg === 'condition recorded') counts.set(aspect, (counts.get(aspect) ?? 0) + 1);
      done();
    },
  });
  const context = await openContext({
    databaseUrl: new Secret(environment.DATABASE_URL ?? ''),
    secretsKey: new Secret(environment.BERTH_SECRETS_KEY ?? ''),
    log: makeLog('host', 'debug', destination),
    maxConnections: 6,
  });
  const running = [
    await startContainerWorker(parseContainerWorkerConfig(environment), context),
    await startTunnelWorker(parseTunnelWorkerConfig({ ...environment, TUNNEL_ROOMS: 'host' }), context),
  ];
  return {
    recorded: (aspect) => counts.get(aspect) ?? 0,
    async stop() {
      await Promise.all(running.map((one) => one.drain(10_000)));
      await context.close();
    },
  };
}
