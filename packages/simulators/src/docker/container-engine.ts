import { type Container, makeContainer, toRestartPolicy } from './container.ts';
import { ContainerLogs } from './container-logs.ts';
import { type ContainerProcess, isDeaf, startContainerProcess } from './container-process.ts';
import { ContainerRegistry } from './container-registry.ts';
import { EngineError } from './engine-error.ts';
import { nowNanos, toEngineTime } from './engine-time.ts';
import { EventLog, toContainerEvent, toEndpointEvents } from './event-log.ts';
import { ExitWaiters } from './exit-waiters.ts';
import type { ImageBehaviour } from './image-behaviour.ts';
import type { ImageStore } from './image-store.ts';
import { type Json, toNumber, toText } from './json.ts';
import { type Network, NetworkStore } from './network-store.ts';
import { parseSignal } from './parse-signal.ts';
import { RestartPlan } from './restart-plan.ts';

interface Engine {
  images: ImageStore;
  networks?: Network[];
  containers?: Container[];
  /** called after each change that should outlive the process */
  onChange: () => void;
}

/** The containers and networks of one Docker Engine and what happens to them in the course of time. */
export class ContainerEngine {
  readonly images: ImageStore;
  readonly networks: NetworkStore;
  readonly events = new EventLog();
  /** whether containers would outlive the daemon; it only says so */
  liveRestore = true;
  readonly #onChange: () => void;
  readonly #containers: ContainerRegistry;
  readonly #processes = new Map<string, ContainerProcess>();
  readonly logs = new ContainerLogs();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #restarts = new RestartPlan();
  readonly #exits = new ExitWaiters();
  readonly #health = new Map<string, ImageBehaviour['health']>();
  readonly #hung = new Set<string>();
  readonly #ports = new Map<number, string>();
  #nextPid = 5_000_001; // above the largest pid of Linux, so that a stray kill meets nobody
  #closed = false;

  constructor({ images, networks, containers = [], onChange }: Engine) {
    this.images = images;
    this.networks = new NetworkStore(networks);
    this.#onChange = onChange;
    this.#containers = new ContainerRegistry(containers);
  }

  list(): Container[] {
    return this.#containers.list();
  }

  /** @throws EngineError 404 */
  get(nameOrId: string): Container {
    const container = this.#containers.find(nameOrId);
    if (container === undefined) {
      throw new EngineError(404, `No such container: ${nameOrId}`);
    }
    return container;
  }

  processOf(container: Container): ContainerProcess | undefined {
    return this.#processes.get(container.id);
  }

  /** Whether a running container holds an endpoint in the network; stopped ones do not. */
  uses(network: Network): Container[] {
    return this.list().filter(
      (container) =>
        this.#processes.has(container.id) && Object.values(container.networkIds ?? {}).includes(network.id),
    );
  }

  /** @throws EngineError 400 bad name or port, 404 unknown image, 409 name in use */
  create(name: string | undefined, body: Json): Container {
    const image = this.images.get(toText(body.Image));
    const container = makeContainer(name, image, body);
    this.#containers.add(container);
    this.#emit(container, 'create');
    this.#onChange();
    return container;
  }

  /** @throws EngineError 304 when it runs, 404 when its network is gone, 500 when a port is taken */
  async start(container: Container): Promise<void> {
    const underWay = this.#starting.get(container.id);
    if (underWay !== undefined) {
      await underWay;
    }
    if (this.#processes.has(container.id)) {
      throw new EngineError(304, '');
    }
    this.#restarts.cancel(container);
    container.stoppedByHand = false;
    container.restartCount = 0;
    await this.#run(container);
  }

  /**
   * Asks the program to end, then kills it: `graceS` seconds later, or those of its StopTimeout (10 when it has none).
   * @throws EngineError 304 when it does not run
   */
  async stop(container: Container, graceS?: number): Promise<void> {
    const waiting = this.#restarts.cancel(container);
    const process = this.#processes.get(container.id);
    container.stoppedByHand = true;
    if (process === undefined) {
      if (!waiting) {
        throw new EngineError(304, '');
      }
      container.state.status = 'exited';
      this.#onChange();
      return;
    }
    this.#emit(container, 'kill', { signal: '15' });
    const stubborn = isDeaf(container, process);
    const grace = stubborn ? (graceS ?? toNumber(container.config.StopTimeout, 10)) * 1000 : 5;
    const exit = this.waitForExit(container);
    const timer = setTimeout(() => this.#exited(container, process, stubborn ? 137 : 143), grace);
    await exit;
    clearTimeout(timer);
    this.#emit(container, 'stop');
  }

  async restart(container: Container, graceS?: number): Promise<void> {
    if (this.#processes.has(container.id)) {
      await this.stop(container, graceS);
    }
    await this.start(container);
    this.#emit(container, 'restart');
  }

  /** @throws EngineError 400 for what is no signal, 409 when it does not run */
  kill(container: Container, signal: string): void {
    const { number, exitCode } = parseSignal(signal);
    const process = this.#processes.get(container.id);
    if (process === undefined) {
      throw new EngineError(409, `Cannot kill container: ${container.id}: Container ${container.id} is not running`);
    }
    this.#emit(container, 'kill', { signal: String(number) });
    container.stoppedByHand = true;
    if (exitCode !== undefined && !(number === 15 && isDeaf(container, process))) {
      this.#exited(container, process, exitCode);
    }
  }

  /** Lets the program die by itself, as in a crash; the restart policy applies. */
  crash(container: Container, exitCode = 137): void {
    const process = this.#processes.get(container.id);
    if (process !== undefined) {
      this.#exited(container, process, exitCode);
    }
  }

  /** Its program takes more memory than it may have; the restart policy applies. */
  exhaust(container: Container): void {
    if (!this.#processes.has(container.id)) return;
    this.#emit(container, 'oom');
    this.crash(container);
    container.state.outOfMemory = true;
  }

  /** How `/health` answers from now on; nothing gives it back to the image. */
  setHealth(container: Container, health: ImageBehaviour['health']): void {
    this.#health.set(container.id, health);
  }

  /** Lets the program answer nothing any more, until it's started anew. */
  hang(container: Container): void {
    this.#hung.add(container.id);
  }

  /** @throws EngineError 409 name in use, 400 bad name */
  rename(container: Container, name: string): void {
    const oldName = container.name;
    this.#containers.rename(container, name.replace(/^\//, ''));
    this.#emit(container, 'rename', { oldName: `/${oldName}` });
    this.#onChange();
  }

  /** @throws EngineError 409 when it runs and `force` is not given */
  remove(container: Container, force: boolean): void {
    const process = this.#processes.get(container.id);
    if ((process !== undefined || container.state.status === 'restarting') && !force) {
      throw new EngineError(
        409,
        `You cannot remove a ${container.state.status} container ${container.id}. Stop the container before attempting removal or force remove`,
      );
    }
    container.stoppedByHand = true;
    this.#restarts.cancel(container);
    if (process !== undefined) {
      this.kill(container, 'KILL');
    }
    this.#containers.remove(container);
    this.logs.forget(container.id);
    this.#health.delete(container.id);
    this.#emit(container, 'destroy');
    this.#onChange();
  }

  /** Resolves with the exit code at the next exit. */
  waitForExit(container: Container): Promise<number> {
    return this.#exits.wait(container.id);
  }

  /** As after a reboot: starts what ran and whose policy says so. A port that is taken leaves a container stopped. */
  async boot(): Promise<void> {
    const ran = this.list().filter(({ state }) => state.status === 'running' || state.status === 'restarting');
    for (const container of ran) {
      container.state.status = 'exited';
      if (['always', 'unless-stopped'].includes(toRestartPolicy(container).name)) {
        await this.#run(container).catch(() => undefined);
      }
    }
  }

  /** Whether anything answers on the published ports. */
  async publish(on: boolean): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.publish(on)));
  }

  /** Ends all programs and leaves their states as they are, as when a machine loses its power. */
  close(): void {
    this.#closed = true;
    this.#restarts.close();
    for (const process of this.#processes.values()) {
      process.end();
    }
  }

  async #run(container: Container): Promise<void> {
    const run = this.#startProcess(container);
    this.#starting.set(container.id, run);
    try {
      await run;
    } finally {
      this.#starting.delete(container.id);
    }
  }

  async #startProcess(container: Container): Promise<void> {
    try {
      // Newer Engines than 20.10 look for the id that they noted at the first start; the stricter way is the one to withstand.
      const known = container.networkIds ?? {};
      const ids = container.networks.map((name) => [name, this.networks.get(known[name] ?? name).id] as const);
      const behaviour: ImageBehaviour = this.images.find(container.imageId)?.behaviour ?? {};
      if (behaviour.startFails)
        throw new EngineError(500, 'unable to find user www: no matching entries in passwd file');
      const process = await startContainerProcess({
        container,
        behaviour,
        health: () => (this.#hung.has(container.id) ? 'hang' : (this.#health.get(container.id) ?? behaviour.health)),
        allocated: (port) => (this.#ports.get(port) ?? container.id) !== container.id,
        onExit: (exitCode) => this.crash(container, exitCode),
      });
      if (this.#closed || !this.#containers.has(container)) {
        process.end();
        throw new EngineError(404, `No such container: ${container.id}`);
      }
      container.networkIds = Object.fromEntries(ids);
      this.#started(container, process);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // An earlier program's own exit code stays, as in dockerd's containerStart.
      container.state = { ...container.state, exitCode: container.state.exitCode || 128, error: message };
      this.#emit(container, 'die', { exitCode: String(container.state.exitCode) });
      this.#onChange();
      throw error;
    }
  }

  #started(container: Container, process: ContainerProcess): void {
    this.#processes.set(container.id, process);
    for (const { hostPort } of process.ports) {
      this.#ports.set(hostPort, container.id);
    }
    const startedAt = toEngineTime(nowNanos());
    container.state = { ...container.state, status: 'running', exitCode: 0, error: '', pid: this.#nextPid, startedAt };
    delete container.state.outOfMemory;
    this.#nextPid += 2; // its own, and that of the program behind an init
    this.logs.add(container.id, `listening on :${process.behaviour.port ?? 3000}`);
    this.events.emitAll(toEndpointEvents(container, this.networks, 'connect'));
    this.#emit(container, 'start');
    this.#onChange();
  }

  #exited(container: Container, process: ContainerProcess, exitCode: number): void {
    if (this.#processes.get(container.id) !== process) {
      return;
    }
    process.end();
    this.#processes.delete(container.id);
    this.#hung.delete(container.id);
    for (const { hostPort } of process.ports) {
      this.#ports.delete(hostPort);
    }
    const finishedAt = toEngineTime(nowNanos());
    container.state = { ...container.state, status: 'exited', exitCode, pid: 0, finishedAt };
    this.logs.add(container.id, `exited with ${exitCode}`);
    this.#emit(container, 'die', { exitCode: String(exitCode) });
    this.events.emitAll(toEndpointEvents(container, this.networks, 'disconnect'));
    this.#restarts.plan(container, exitCode, () => this.#run(container));
    this.#exits.tell(container.id, exitCode);
    this.#onChange();
  }

  #emit(container: Container, action: string, more: Record<string, string> = {}): void {
    this.events.emit(toContainerEvent(container, action, more));
  }
}
