import { type Check, fails } from '@berth/shared/domain/checks';
import { messageOf } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import type { RunChecks } from '@berth/shared/runtime/keep-checked';
import type { Database } from '@berth/shared/store/database';
import { readFreePorts } from '@berth/shared/store/free-ports';
import { readClockSkew } from '@berth/shared/store/read-server';
import type { Protection } from '../firewall/protection.ts';
import type { HostDisk } from '../reconcile/container-access.ts';
import { type EngineFacts, type HostFacts, type HostWants, judgeHost } from './judge-host.ts';

interface Deps extends Omit<HostWants, 'freePorts'> {
  db: Database;
  clock: Clock;
  hostId: string;
  /** @throws while Docker is away */
  readEngine(signal: AbortSignal): Promise<EngineFacts>;
  disk: HostDisk;
  protection: Pick<Protection, 'check'>;
  network: {
    listening(): Promise<HostFacts['listening']>;
    routes(): Promise<HostFacts['routes']>;
  };
}

/** Looks at what containers need of this host. */
export function makeCheckHost(deps: Deps): RunChecks {
  const { db, clock, hostId, readEngine, disk, protection, network, subnetPool, minFreeBytes } = deps;
  return async function checkHost(signal): Promise<Check[]> {
    const clockSkewMs = await readClockSkew(db, () => clock.date().getTime());
    try {
      const [engine, unprotected, freeBytes, routes, freePorts] = await Promise.all([
        readEngine(signal),
        protection.check(signal),
        disk.freeBytes(signal),
        network.routes(),
        readFreePorts(db, hostId),
      ]);
      // Looked at last: a port that a site got meanwhile must not count as a stranger's.
      const listening = await network.listening();
      const still = new Set(await readFreePorts(db, hostId));
      const facts = { engine, unprotected, freeBytes, routes: withoutOurs(routes), listening, clockSkewMs };
      return judgeHost(facts, { subnetPool, minFreeBytes, freePorts: freePorts.filter((port) => still.has(port)) });
    } catch (error) {
      if (signal.aborted) throw error;
      const detail = `${messageOf(error)}: no container of this host can be made, changed or looked at`;
      const fix = 'systemctl status docker, and DOCKER_HOST of the container-worker';
      return [fails({ id: 'docker.answers', title: 'Docker answers' }, detail, fix)];
    }
  };
}

/** Each of Berth's own networks brings a route by its bridge. */
function withoutOurs(routes: HostFacts['routes']): HostFacts['routes'] {
  return routes?.filter(({ device }) => !/^berth\d+$/.test(device));
}
