import { BerthError } from '@berth/shared/errors/berth-error';
import type { Clock } from '@berth/shared/runtime/clock';
import { doneWithin, within } from '@berth/shared/runtime/within';
import Docker from 'dockerode';
import type { InspectedContainer, ListedContainer } from '../judge/see-container.ts';

/** Looks at the host's containers; changes nothing. */
export interface DockerLook {
  /** All of ours, in one call. @throws BerthError `docker.unavailable` */
  list(signal: AbortSignal): Promise<ListedContainer[]>;
  /** undefined when it's gone, or Docker doesn't say */
  inspect(id: string, signal: AbortSignal): Promise<InspectedContainer | undefined>;
}

const TIMEOUT_MS = 10_000;
const PLACEMENT = 'berth.placement';

export function makeDockerLook(docker: Docker, clock: Pick<Clock, 'date'>): DockerLook {
  return {
    async list(signal) {
      try {
        const filters = { label: [PLACEMENT] };
        const listed = await docker.listContainers({ all: true, filters, abortSignal: within(signal, TIMEOUT_MS) });
        return listed.map(({ Id, State, Ports, Labels }) => ({
          id: Id,
          placementId: Labels[PLACEMENT] ?? '',
          state: State,
          ports: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
        }));
      } catch (cause) {
        if (signal.aborted) throw signal.reason;
        throw new BerthError('docker.unavailable', 'listing containers', { cause });
      }
    },
    async inspect(id, signal) {
      try {
        const { State } = await doneWithin(signal, TIMEOUT_MS, (abortSignal) =>
          docker.getContainer(id).inspect({ abortSignal }),
        );
        const ranMs = State.Running ? clock.date().getTime() - Date.parse(State.StartedAt) : 0;
        return { ranMs, exitCode: State.ExitCode, outOfMemory: State.OOMKilled };
      } catch {
        if (signal.aborted) throw signal.reason;
        return undefined;
      }
    },
  };
}

/** A client of the Engine at `DOCKER_HOST`. */
export function openDocker(dockerHost: string): Docker {
  const url = new URL(dockerHost);
  if (url.protocol === 'unix:') return new Docker({ socketPath: url.pathname });
  return new Docker({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
}
