import type { ContainerStatus, HealthStatus } from '@berth/shared/domain/seed-status';

/** All that a container is made from. */
export interface ContainerSpec {
  image: string;
  env: Readonly<Record<string, string>>;
  memoryBytes: number;
  cpus: number;
  port: number;
  network: string;
  labels: Readonly<Record<string, string>>;
}

/** A container of a placement, as Docker shows it. */
export interface ObservedContainer {
  id: string;
  name: string;
  image: string;
  release: number;
  /** what it was made from, as `specMark` gives it */
  mark: string;
  status: ContainerStatus;
  /** changes with each start */
  startedAt: string;
  memoryBytes: number;
  cpus: number;
}

export interface Containers {
  list(placementId: string, signal: AbortSignal): Promise<ObservedContainer[]>;
  /** Makes it without starting it. @throws BerthError `docker.stranger` when something else has the name */
  create(name: string, spec: ContainerSpec, signal: AbortSignal): Promise<void>;
  start(id: string, signal: AbortSignal): Promise<void>;
  stop(id: string, signal: AbortSignal): Promise<void>;
  restart(id: string, signal: AbortSignal): Promise<void>;
  rename(id: string, name: string, signal: AbortSignal): Promise<void>;
  remove(id: string, signal: AbortSignal): Promise<void>;
}

/** A network as Docker shows it. */
export interface ObservedNetwork {
  placementId: string | undefined;
  subnet: string;
}

export interface NetworkSpec {
  name: string;
  subnet: string;
  gateway: string;
  bridge: string;
  labels: Readonly<Record<string, string>>;
}

export interface Networks {
  find(name: string, signal: AbortSignal): Promise<ObservedNetwork | undefined>;
  create(spec: NetworkSpec, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<void>;
}

export interface Images {
  /** The digest of an image that is here; undefined when it isn't. */
  find(reference: string, signal: AbortSignal): Promise<string | undefined>;
  pull(reference: string, signal: AbortSignal): Promise<void>;
}

/** The host's ports on 127.0.0.1. */
export interface HostPorts {
  isFree(port: number): Promise<boolean>;
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
