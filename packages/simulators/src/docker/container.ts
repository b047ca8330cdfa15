import { randomBytes } from 'node:crypto';
import { checkHostConfig } from './check-host-config.ts';
import { EngineError } from './engine-error.ts';
import { noTime, nowNanos, toEngineTime } from './engine-time.ts';
import type { Image } from './image-registry.ts';
import { type Json, toList, toNumber, toRecord, toText } from './json.ts';

export interface ContainerState {
  status: 'created' | 'running' | 'exited' | 'restarting';
  exitCode: number;
  /** it ended because it had no memory left */
  outOfMemory?: boolean;
  error: string;
  pid: number;
  startedAt: string;
  finishedAt: string;
}

/** All of a container that outlives its process; written to disk as it is. */
export interface Container {
  id: string;
  /** without the slash that the Engine puts in front */
  name: string;
  created: string;
  imageId: string;
  imageReference: string;
  /** Config as created, with the Engine's defaults */
  config: Json;
  hostConfig: Json;
  /** names or ids of the networks it joins */
  networks: string[];
  /** the ids of those networks, from its first start on; a network that was made anew under the same name is another one */
  networkIds?: Record<string, string>;
  state: ContainerState;
  restartCount: number;
  /** stopped by a person: `unless-stopped` then leaves it so */
  stoppedByHand: boolean;
}

/** One published port: what was asked, by container port (`3000/tcp`). */
export interface PortBinding {
  containerPort: string;
  hostIp: string;
  hostPort: number;
}

const defaultHostConfig: Json = {
  Binds: null,
  NetworkMode: 'default',
  PortBindings: {},
  RestartPolicy: { Name: '', MaximumRetryCount: 0 },
  AutoRemove: false,
  CapAdd: null,
  CapDrop: null,
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  ShmSize: 67_108_864,
  Runtime: 'runc',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  MemorySwap: 0,
  MemoryReservation: 0,
  PidsLimit: null,
  OomKillDisable: false,
  Init: null,
  LogConfig: { Type: 'json-file', Config: {} },
};

const defaultConfig = (id: string): Json => ({
  Hostname: id.slice(0, 12),
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
  Cmd: ['/app/server'],
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: {},
});

const withoutNull = (section: Json): Json =>
  Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null && value !== undefined));

/**
 * A container as `POST /containers/create` makes it.
 * @throws EngineError 400 for a name, a port or a limit that the Engine refuses
 */
export function makeContainer(name: string | undefined, image: Image, body: Json): Container {
  const id = randomBytes(32).toString('hex');
  const chosen = name ?? `berth_${id.slice(0, 8)}`;
  assertContainerName(chosen);
  const { HostConfig, NetworkingConfig, ...config } = body;
  const hostConfig = { ...defaultHostConfig, ...withoutNull(toRecord(HostConfig)) };
  checkHostConfig(hostConfig);
  const env = toList(config.Env).map(String);
  const mode = toText(hostConfig.NetworkMode, 'default');
  const container: Container = {
    id,
    name: chosen,
    created: toEngineTime(nowNanos()),
    imageId: image.id,
    imageReference: toText(config.Image),
    config: {
      ...defaultConfig(id),
      ...withoutNull(config),
      Env: [...env, ...(env.some((entry) => entry.startsWith('PATH=')) ? [] : ['PATH=/usr/local/bin:/usr/bin:/bin'])],
    },
    hostConfig,
    networks: [
      ...new Set([
        mode === 'default' ? 'bridge' : mode,
        ...Object.keys(toRecord(toRecord(NetworkingConfig).EndpointsConfig)),
      ]),
    ],
    state: { status: 'created', exitCode: 0, error: '', pid: 0, startedAt: noTime, finishedAt: noTime },
    restartCount: 0,
    stoppedByHand: false,
  };
  toPortBindings(container);
  return container;
}

/** @throws EngineError 400 in the Engine's words */
export function assertContainerName(name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
    throw new EngineError(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
}

/** The published ports; `hostPort` 0 means any free one. @throws EngineError 400 for what is no port */
export function toPortBindings(container: Container): PortBinding[] {
  const bindings = Object.entries(toRecord(container.hostConfig.PortBindings));
  return bindings.flatMap(([containerPort, hosts]) =>
    toList(hosts).map((host) => {
      const { HostIp, HostPort } = toRecord(host);
      const hostPort = Number(toText(HostPort, '0') || '0');
      if (!Number.isInteger(hostPort) || hostPort < 0 || hostPort > 65_535) {
        throw new EngineError(400, `invalid port specification: "${toText(HostPort)}"`);
      }
      return { containerPort, hostIp: toText(HostIp), hostPort };
    }),
  );
}

/** The environment as the program sees it. */
export function toEnvironment(container: Container): Map<string, string> {
  return new Map(
    toList(container.config.Env)
      .map(String)
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

export const toLabels = (container: Container): Record<string, unknown> => toRecord(container.config.Labels);

/** The restart policy by name, with its most tries (0: no end). */
export function toRestartPolicy(container: Container): { name: string; most: number } {
  const policy = toRecord(container.hostConfig.RestartPolicy);
  return { name: toText(policy.Name), most: toNumber(policy.MaximumRetryCount) };
}
