import type { ContainerProfile } from '@berth/shared/domain/container-profile';
import type { ContainerStatus, HealthStatus } from '@berth/shared/domain/seed-status';
import type { RegistryLogin } from '@berth/shared/runtime/registry-login';

/** What holds a container within its bounds, and can be changed behind Berth's back while it runs. */
export interface ContainerLimits {
  memoryBytes: number;
  cpus: number;
  restartPolicy: string;
  /** on 127.0.0.1 */
  port: number;
}

/** All that a container is made from. */
export interface ContainerSpec extends ContainerLimits {
  image: string;
  /** not compared afterwards: an Engine whose kernel has no such limit drops it */
  pidsLimit: number;
  env: Readonly<Record<string, string>>;
  network: string;
  profile: ContainerProfile;
  labels: Readonly<Record<string, string>>;
}

/** A container of a placement, as Docker shows it. */
export interface ObservedContainer extends ContainerLimits {
  id: string;
  name: string;
  image: string;
  release: number;
  /** what it was made from, as `specMark` gives it */
  mark: string;
  status: ContainerStatus;
  /** changes with each start */
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  /** the networks that it hangs on: their names, and their ids from its first start on, empty before */
  networks: Readonly<Record<string, string>>;
}

/** Containers of this host. */
export interface Containers {
  list(placementId: string, signal: AbortSignal): Promise<ObservedContainer[]>;
  /** Makes it without starting it. @throws BerthError `docker.stranger` when something else has the name */
  create(name: string, spec: ContainerSpec, signal: AbortSignal): Promise<void>;
  start(id: string, signal: AbortSignal): Promise<void>;
  stop(id: string, signal: AbortSignal): Promise<void>;
  restart(id: string, signal: AbortSignal): Promise<void>;
  /** @throws BerthError `docker.stranger` when something else has the name */
  rename(id: string, name: string, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** A network as Docker shows it. */
export interface ObservedNetwork {
  id: string;
  placementId: string | undefined;
  subnet: string;
  bridge: string;
  /** no IPv6, and no traffic between containers on it */
  isIsolated: boolean;
}

/** All that a network is made from. */
export interface NetworkSpec {
  name: string;
  subnet: string;
  gateway: string;
  bridge: string;
  labels: Readonly<Record<string, string>>;
}

/** Networks of this host. */
export interface Networks {
  find(name: string, signal: AbortSignal): Promise<ObservedNetwork | undefined>;
  /**
   * @throws BerthError when its addresses can't be had: `docker.addresses-taken` by another network, `docker.stranger` by one that has
   * many slots' more, `docker.addresses-lost` by one that Docker doesn't show
   */
  create(spec: NetworkSpec, signal: AbortSignal): Promise<void>;
  /** @throws BerthError `docker.stranger` when something that isn't ours still hangs on it */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

/** An image on this host. */
export interface LocalImage {
  /** of its content; the same on every host */
  id: string;
  /** by which registries know it: `registry.example.org/site@sha256:…` */
  digests: readonly string[];
}

/** How far a pull is. */
export interface PullProgress {
  /** 0 to 100; never goes back */
  percent: number;
  layers: number;
  layersDone: number;
  /** of the layers whose download has begun */
  bytes: number;
  totalBytes: number;
}

export interface PullOptions {
  /** undefined: as anybody */
  login?: RegistryLogin | undefined;
  /** called with each line of the Engine's report */
  onProgress?: ((progress: PullProgress) => void) | undefined;
}

/** Images of this host. */
export interface Images {
  /** @returns undefined when nothing on this host has the name, digest or id */
  find(reference: string, signal: AbortSignal): Promise<LocalImage | undefined>;
  /**
   * @throws BerthError `image.not-found`, `image.access-denied`, `image.refused`, `registry.rate-limited`, `registry.unavailable`,
   * `disk.full`
   */
  pull(reference: string, options: PullOptions, signal: AbortSignal): Promise<void>;
}

/** The disk that images come to. */
export interface HostDisk {
  /** What is free there, in bytes; undefined where it can't be seen. */
  freeBytes(signal: AbortSignal): Promise<number | undefined>;
}

/** The host's ports on 127.0.0.1. */
export interface HostPorts {
  isFree(port: number): Promise<boolean>;
}

/** Whether the host is kept from its containers. */
export interface HostProtection {
  /** @throws BerthError `host.unprotected` */
  assert(signal: AbortSignal): Promise<void>;
}

/** Looks whether a container answers. */
export interface HealthProbe {
  look(port: number, path: string, signal: AbortSignal): Promise<HealthStatus>;
}

/** The labels that say whose a container or network is. */
export const labels = {
  site: 'berth.site',
  placement: 'berth.placement',
  release: 'berth.release',
  generation: 'berth.generation',
  mark: 'berth.mark',
} as const;

/** How a site's calls share the Engine with those of others. */
export interface SiteTurns {
  /** All that `work` does there goes through one turn, taken with the first call that needs one and kept until the end. */
  keep<T>(work: () => Promise<T>): Promise<T>;
  /** Lets others go on while something takes long that needs no turn. */
  giveBack(): void;
}
