import type { ContainerProfile } from '@berth/shared/domain/container-profile';
import { readImageName } from '@berth/shared/domain/image-name';
import { CONTAINER_PORT } from '@berth/shared/domain/names';
import type { ContainerStatus } from '@berth/shared/domain/seed-status';
import { BerthError } from '@berth/shared/errors/berth-error';
import { within } from '@berth/shared/runtime/within';
import type Docker from 'dockerode';
import { type ContainerSpec, type Containers, labels, type ObservedContainer } from '../reconcile/container-access.ts';
import { guarded, statusOf, unless } from './docker-errors.ts';
import { type InTurn, makeTurns } from './in-turn.ts';
import { defaultGraceSeconds, graceOf, PS_COLUMNS } from './stop-grace.ts';

const TIMEOUT_MS = 60_000;
/** To know that nothing need be waited for saves about as much; a busy machine takes seconds for it. */
const PS_TIMEOUT_MS = 10_000;
const NANO = 1e9;

/** Containers of this host, over the Engine's API. */
export function makeDockerContainers(docker: Docker, inTurn: InTurn = makeTurns().inTurn): Containers {
  const one = (
    doing: string,
    id: string,
    signal: AbortSignal,
    call: (container: Docker.Container, abortSignal: AbortSignal) => Promise<unknown>,
  ) =>
    guarded(`${doing} ${id.slice(0, 12)}`, signal, TIMEOUT_MS, (abortSignal) =>
      call(docker.getContainer(id), abortSignal),
    );

  return {
    list: (placementId, signal) =>
      guarded('listing containers', signal, TIMEOUT_MS, async (abortSignal) => {
        const filters = { label: [`${labels.placement}=${placementId}`] };
        const listed = await docker.listContainers({ all: true, filters, abortSignal });
        const found = await Promise.all(
          listed.map(({ Id }) => unless([404], docker.getContainer(Id).inspect({ abortSignal }))),
        );
        return found.flatMap((shown) => (shown ? [toObserved(shown)] : []));
      }),
    async create(name, spec, signal) {
      const doing = `creating container ${name}`;
      try {
        await inTurn('create', signal, () =>
          guarded(doing, signal, TIMEOUT_MS, (abortSignal) =>
            docker.createContainer({ ...toCreateOptions(spec), name, abortSignal }),
          ),
        );
      } catch (error) {
        throw statusOf(error) === 409 ? toStranger(name, error) : error;
      }
    },
    async start(id, signal) {
      const start = inTurn('start', signal, () =>
        one('starting container', id, signal, (container, abortSignal) => container.start({ abortSignal })),
      );
      await unless([304], start);
    },
    async stop(id, signal) {
      const stop = one('stopping container', id, signal, (container, abortSignal) =>
        stopWithGrace(container, abortSignal),
      );
      await unless([304, 404], stop);
    },
    async restart(id, signal) {
      await one('restarting container', id, signal, (container, abortSignal) =>
        restartWithGrace(container, abortSignal),
      );
    },
    async rename(id, name, signal) {
      try {
        await one('renaming container', id, signal, (container, abortSignal) =>
          container.rename({ name, abortSignal }),
        );
      } catch (error) {
        throw statusOf(error) === 409 ? toStranger(name, error) : error;
      }
    },
    async remove(id, signal) {
      const remove = inTurn('remove', signal, () =>
        one('removing container', id, signal, (container, abortSignal) =>
          container.remove({ force: true, v: true, abortSignal }),
        ),
      );
      await unless([404, 409], remove);
    },
  };
}

async function stopWithGrace(container: Docker.Container, abortSignal: AbortSignal): Promise<void> {
  await container.stop({ t: await findGrace(container, abortSignal), abortSignal });
}

async function restartWithGrace(container: Docker.Container, abortSignal: AbortSignal): Promise<void> {
  await container.restart({ t: await findGrace(container, abortSignal), abortSignal });
}

/** Where `ps` is missing or doesn't answer, or the container doesn't run, nobody can tell: then it has the usual time. */
async function findGrace(container: Docker.Container, signal: AbortSignal): Promise<number> {
  const abortSignal = within(signal, PS_TIMEOUT_MS);
  const table = await container.top({ ps_args: PS_COLUMNS, abortSignal }).catch(() => undefined);
  return table ? graceOf(table) : defaultGraceSeconds;
}

function toStranger(name: string, cause: unknown): BerthError {
  const message = `a container ${name} that Berth did not make is in Docker; remove it`;
  return new BerthError('docker.stranger', message, { cause });
}

/** What a container may do inside, by its profile. A temporary file system without a mode takes that of the image's directory. */
const rights = {
  strict: {
    CapDrop: ['ALL'],
    ReadonlyRootfs: true,
    Tmpfs: {
      '/tmp': 'rw,noexec,nosuid,nodev,size=64m,mode=1777',
      '/run': 'rw,noexec,nosuid,nodev,size=16m,mode=1777',
    },
  },
  compatible: { CapDrop: ['NET_RAW'] },
} as const satisfies Record<ContainerProfile, unknown>;

/** No new privileges, a process limit, rotated logs, a network of its own, published on loopback only. */
function toCreateOptions(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const inside = `${CONTAINER_PORT}/tcp`;
  return {
    Image: spec.image,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: { [inside]: {} },
    Labels: { ...spec.labels },
    StopSignal: 'SIGTERM',
    StopTimeout: defaultGraceSeconds,
    HostConfig: {
      PortBindings: { [inside]: [{ HostIp: '127.0.0.1', HostPort: String(spec.port) }] },
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      NanoCpus: Math.round(spec.cpus * NANO),
      PidsLimit: spec.pidsLimit,
      RestartPolicy: { Name: spec.restartPolicy },
      ...rights[spec.profile],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      NetworkMode: spec.network,
    },
  };
}

const STATUSES: readonly ContainerStatus[] = ['created', 'running', 'restarting', 'paused', 'exited', 'dead'];

function toObserved(shown: Docker.ContainerInspectInfo): ObservedContainer {
  const given = shown.Config.Labels ?? {};
  const { Memory, NanoCpus, RestartPolicy, PortBindings } = shown.HostConfig;
  const published: { HostPort?: string }[] = PortBindings?.[`${CONTAINER_PORT}/tcp`] ?? [];
  return {
    id: shown.Id,
    name: shown.Name.replace(/^\//, ''),
    image: toShownImage(shown.Config.Image),
    release: Number(given[labels.release] ?? 0),
    mark: given[labels.mark] ?? '',
    status: STATUSES.find((status) => status === shown.State.Status) ?? 'dead',
    startedAt: shown.State.StartedAt,
    finishedAt: shown.State.FinishedAt,
    exitCode: shown.State.ExitCode,
    memoryBytes: Memory ?? 0,
    cpus: (NanoCpus ?? 0) / NANO,
    restartPolicy: RestartPolicy?.Name ?? '',
    port: Number(published[0]?.HostPort ?? 0),
    networks: Object.fromEntries(
      Object.entries(shown.NetworkSettings.Networks).map(([name, endpoint]) => [name, endpoint.NetworkID]),
    ),
  };
}

/** As `docker ps` shows it: without the digest where a tag stands before it. */
function toShownImage(reference: string): string {
  const [named = '', digest] = reference.split('@', 2);
  return digest !== undefined && readImageName(named).tag === undefined ? reference : named;
}
