import { randomUUID } from 'node:crypto';
import type { SmallListener } from '../docker/small-listener.ts';
import type { EdgeConnection, TunnelEdge } from '../edge/tunnel-link.ts';
import { parseRunArguments, StartFailure } from './parse-arguments.ts';
import { proxyToOrigin } from './proxy-to-origin.ts';
import { type Configuration, readConfiguration } from './read-configuration.ts';
import { serveMetrics } from './serve-metrics.ts';

export const cloudflaredVersion = '2026.8.2';

/** How long things take, in ms; the real ones are 188, 3000 and 20000 (hosts.md, 4d). */
export interface CloudflaredTimings {
  /** start → first connection */
  firstConnectionMs: number;
  /** start → all four */
  allConnectionsMs: number;
  /** a connection was lost, or refused → the next try */
  retryMs: number;
}

export const defaultTimings: CloudflaredTimings = { firstConnectionMs: 20, allConnectionsMs: 100, retryMs: 20_000 };

interface Started {
  /** the words behind the program's name */
  words: string[];
  edge: TunnelEdge;
  timings: CloudflaredTimings;
  log: (line: string) => void;
  /** the first connection is registered: where systemd is told READY=1 */
  onReady: () => void;
  onExit: (exitCode: number) => void;
}

export interface CloudflaredProcess {
  connectorId: string;
  /** SIGTERM: leaves the edge, finishes what is under way within its grace period, exits with 0 */
  terminate(): void;
  /** SIGKILL: gone, without a word to anybody; `onExit` is not called */
  kill(): void;
}

const connectionCount = 4;

/** Starts a cloudflared as its arguments say. What makes the real one end at once ends this one through `onExit`. */
export function startCloudflared(started: Started): CloudflaredProcess {
  const process = new Process(started);
  process.start().catch((error: unknown) => {
    started.log(`ERR ${error instanceof Error ? error.message : String(error)}`);
    process.exit(error instanceof StartFailure ? error.exitCode : 1);
  });
  return process;
}

class Process implements CloudflaredProcess {
  readonly connectorId = randomUUID();
  readonly #started: Started;
  readonly #connections = new Map<number, EdgeConnection>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #metrics: SmallListener | undefined;
  #gracePeriodMs = 30_000;
  #underWay = 0;
  #ready = false;
  #state: 'running' | 'draining' | 'ended' = 'running';
  readonly #open = new Set<() => void>();

  constructor(started: Started) {
    this.#started = started;
  }

  async start(): Promise<void> {
    const { words, timings, log } = this.#started;
    // The real one needs a moment as well before it fails; and the caller gets its process before it can end.
    await Promise.resolve();
    const configuration = readConfiguration(parseRunArguments(words));
    this.#gracePeriodMs = configuration.gracePeriodMs;
    log(`INF Starting tunnel tunnelID=${configuration.credentials.tunnelId}`);
    const metrics = await serveMetrics(configuration.metrics, {
      connectorId: this.connectorId,
      ingress: configuration.ingress,
      readyConnections: () => this.#connections.size,
    });
    if (this.#state === 'ended') {
      metrics.close(true);
      return;
    }
    this.#metrics = metrics;
    log(`INF Starting metrics server on 127.0.0.1:${metrics.port}/metrics`);
    const step = (timings.allConnectionsMs - timings.firstConnectionMs) / (connectionCount - 1);
    for (let index = 0; index < connectionCount; index += 1) {
      this.#later(timings.firstConnectionMs + index * step, () => this.#connect(index, configuration));
    }
  }

  terminate(): void {
    if (this.#state !== 'running') {
      return;
    }
    this.#state = 'draining';
    this.#started.log('INF Initiating graceful shutdown due to signal terminated ...');
    this.#clearTimers();
    this.#leaveEdge();
    if (this.#underWay === 0) {
      this.#later(5, () => this.exit(0));
    } else {
      this.#later(this.#gracePeriodMs, () => this.exit(0));
    }
  }

  kill(): void {
    this.#end();
  }

  exit(exitCode: number): void {
    if (this.#state !== 'ended') {
      this.#end();
      this.#started.onExit(exitCode);
    }
  }

  async #connect(index: number, configuration: Configuration): Promise<void> {
    const { edge, log, timings, onReady } = this.#started;
    try {
      const connection = await edge.register(configuration.credentials, {
        connectorId: this.connectorId,
        version: cloudflaredVersion,
        arch: 'linux_amd64',
        handle: (request, response) => {
          this.#underWay += 1;
          const cut = (): void => {
            response.destroy();
          };
          this.#open.add(cut);
          response.once('close', () => this.#finished(cut));
          proxyToOrigin(configuration.ingress, request, response);
        },
      });
      if (this.#state !== 'running') {
        connection.unregister();
        return;
      }
      this.#connections.set(index, connection);
      connection.onClosed(() => {
        if (this.#connections.get(index) === connection) {
          this.#connections.delete(index);
          log(`WRN Connection terminated connIndex=${index}`);
          this.#later(timings.retryMs, () => this.#connect(index, configuration));
        }
      });
      log(
        `INF Registered tunnel connection connIndex=${index} connection=${connection.id} location=${connection.coloName}`,
      );
      if (!this.#ready) {
        this.#ready = true;
        onReady();
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`ERR Register tunnel error from server side error="${message}" connIndex=${index}`);
      this.#later(timings.retryMs, () => this.#connect(index, configuration));
    }
  }

  #finished(cut: () => void): void {
    this.#open.delete(cut);
    this.#underWay -= 1;
    if (this.#state === 'draining' && this.#underWay === 0) {
      this.exit(0);
    }
  }

  #leaveEdge(): void {
    const connections = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of connections) {
      connection.unregister();
    }
  }

  #end(): void {
    this.#state = 'ended';
    this.#clearTimers();
    this.#leaveEdge();
    for (const cut of this.#open) {
      cut();
    }
    this.#metrics?.close(true);
  }

  #later(ms: number, act: () => void | Promise<void>): void {
    if (this.#state === 'ended') {
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void act();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }
}
