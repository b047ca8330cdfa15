import type { ContainerEngine } from './container-engine.ts';
import type { Fault, FaultPlan } from './fault-plan.ts';
import type { ImageBehaviour } from './image-behaviour.ts';
import type { RegistryLogin } from './image-registry.ts';

/** What a test or another process can do to the simulated Engine from behind. Containers are meant by name or id. */
export interface DockerControl {
  addFault(fault: Fault): void;
  clearFaults(): void;
  /** The program dies; its restart policy applies. Exit code 137 when none is given. */
  killContainer(name: string, exitCode?: number): void;
  /** Its program takes more memory than it may have, and dies of it; its restart policy applies. */
  exhaustContainer(name: string): void;
  /** How it answers on `/health` from now on; with undefined as its image says. */
  setHealth(name: string, health: ImageBehaviour['health']): void;
  /** It answers nothing any more, until it's started anew. */
  hangContainer(name: string): void;
  /** Its program writes a line, to stderr if that is said. */
  writeLine(name: string, line: string, to?: 'stdout' | 'stderr'): void;
  /** Puts an image into the registry. */
  publishImage(reference: string, behaviour?: ImageBehaviour): void;
  /** Puts an image into a further repository, as a copy between registries does. */
  copyImage(from: string, to: string): void;
  /** The registry lets only this login pull from now on; everybody when undefined. */
  requireLogin(registry: string, login?: RegistryLogin): void;
  /** Pulls that have begun end with these words of the Engine's in their report, until they are undefined. */
  breakPulls(words: string | undefined): void;
  /** Whether the registry refuses pulls because there were too many. */
  limitPulls(registry: string, limited: boolean): void;
  /** Holds a bridge's name from now on for a network that it doesn't show. */
  loseBridge(bridge: string): void;
  /** What it says of `live-restore`; true in the beginning. */
  setLiveRestore(enabled: boolean): void;
  /** dockerd dies: the socket is gone; the containers go on, but nothing answers on their published ports (hosts.md, 1f). */
  away(): Promise<void>;
  back(): Promise<void>;
  containers(): Array<{ name: string; image: string; status: string; ports: number[] }>;
  networks(): string[];
}

interface Controlled {
  engine: ContainerEngine;
  faults: FaultPlan;
  away: () => Promise<void>;
  back: () => Promise<void>;
}

export function makeDockerControl({ engine, faults, away, back }: Controlled): DockerControl {
  const { registry } = engine.images;
  return {
    addFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    killContainer: (name, exitCode) => engine.crash(engine.get(name), exitCode),
    exhaustContainer: (name) => engine.exhaust(engine.get(name)),
    setHealth: (name, health) => engine.setHealth(engine.get(name), health),
    hangContainer: (name) => engine.hang(engine.get(name)),
    writeLine: (name, line, to = 'stdout') => engine.logs.add(engine.get(name).id, line, to === 'stdout' ? 1 : 2),
    publishImage: (reference, behaviour = {}) => registry.publish(reference, behaviour),
    copyImage: (from, to) => registry.copy(from, to),
    requireLogin: (host, login) => registry.requireLogin(host, login),
    breakPulls: (words) => {
      registry.broken = words;
    },
    limitPulls: (host, limited) => registry.limit(host, limited),
    loseBridge: (bridge) => engine.networks.loseBridge(bridge),
    setLiveRestore: (enabled) => {
      engine.liveRestore = enabled;
    },
    away: async () => {
      await away();
      await engine.publish(false);
    },
    back: async () => {
      await engine.publish(true);
      await back();
    },
    containers: () =>
      engine.list().map((container) => ({
        name: container.name,
        image: container.imageReference,
        status: container.state.status,
        ports: (engine.processOf(container)?.ports ?? []).map(({ hostPort }) => hostPort),
      })),
    networks: () => engine.networks.list().map((network) => network.name),
  };
}
