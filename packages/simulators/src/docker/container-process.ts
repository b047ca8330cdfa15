import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Container, type PortBinding, toEnvironment, toPortBindings } from './container.ts';
import { EngineError } from './engine-error.ts';
import type { ImageBehaviour } from './image-behaviour.ts';
import { listenSmall, type SmallListener } from './small-listener.ts';

export interface ContainerProcess {
  /** the ports as bound, free ones filled in */
  ports: PortBinding[];
  behaviour: ImageBehaviour;
  /** Takes the published ports away from a program that goes on, as docker-proxy does when it dies with dockerd; or brings them back. */
  publish(on: boolean): Promise<void>;
  /** closes its ports and forgets its timers; the exit itself is the engine's to record */
  end(): void;
}

interface Starting {
  container: Container;
  behaviour: ImageBehaviour;
  /** how the program answers on `/health` now; a control may change it while it runs */
  health: () => ImageBehaviour['health'];
  /** whether another container of this engine has published that port */
  allocated: (port: number) => boolean;
  onExit: (exitCode: number) => void;
}

/** What the program does about SIGTERM; as PID 1, which has no default for it, one without a handler doesn't get it. */
export function meetsTerm({ behaviour }: ContainerProcess): 'ends' | 'has no handler' | 'ignores' {
  if (behaviour.ignoresTerm) return 'ignores';
  return behaviour.stubborn ? 'has no handler' : 'ends';
}

/** Whether SIGTERM does nothing to it: a program that ignores it, or that is PID 1 and has no handler. */
export function isDeaf(container: Container, process: ContainerProcess): boolean {
  const meets = meetsTerm(process);
  return meets === 'ignores' || (meets === 'has no handler' && container.hostConfig.Init !== true);
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

function answer(starting: Starting, request: IncomingMessage, response: ServerResponse): void {
  const { container, health } = starting;
  const url = new URL(request.url ?? '/', 'http://container');
  request.resume();
  if (health() === 'hang') {
    return;
  }
  if (url.pathname === '/slow') {
    const ms = Math.min(Number(url.searchParams.get('ms') ?? '1000') || 0, 60_000);
    setTimeout(() => response.end('slow\n'), ms).unref();
    return;
  }
  if (health() === 'unhealthy') {
    response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"unhealthy"}');
    return;
  }
  if (url.pathname === '/health') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    return;
  }
  if (url.pathname !== '/') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    return;
  }
  const customer = escapeHtml(toEnvironment(container).get('DELQHI_CUSTOMER_ID') ?? container.name);
  const image = escapeHtml(container.imageReference);
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    .end(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${customer}</title></head>` +
        `<body><h1>${customer}</h1><p>Served by ${image}.</p></body></html>\n`,
    );
}

function toStartFailure(starting: Starting, binding: PortBinding, error: unknown): EngineError {
  const { container } = starting;
  const endpoint = `driver failed programming external connectivity on endpoint ${container.name} (${container.id})`;
  const address = `${binding.hostIp}:${binding.hostPort}`;
  if (starting.allocated(binding.hostPort)) {
    return new EngineError(500, `${endpoint}: Bind for ${address} failed: port is already allocated`);
  }
  const cause =
    error instanceof Error && 'code' in error && error.code === 'EACCES'
      ? 'permission denied'
      : 'address already in use';
  return new EngineError(500, `${endpoint}: Error starting userland proxy: listen tcp4 ${address}: bind: ${cause}`);
}

/**
 * Starts the program of a container: it really listens on its published ports.
 * @throws EngineError 500 when one of them is taken; nothing listens then
 */
export async function startContainerProcess(starting: Starting): Promise<ContainerProcess> {
  const { container, behaviour } = starting;
  let listeners: SmallListener[] = [];
  let exit: NodeJS.Timeout | undefined;
  let ended = false;
  const unpublish = (): void => {
    for (const listener of listeners.splice(0)) {
      listener.close(true);
    }
  };
  const listensFrom = performance.now() + (behaviour.startMs ?? 5);
  const listen = (binding: PortBinding): Promise<SmallListener> =>
    listenSmall({
      host: binding.hostIp === '' ? '0.0.0.0' : binding.hostIp,
      port: binding.hostPort,
      handler: (request, response) => answer(starting, request, response),
      answering: () => binding.containerPort === `${behaviour.port ?? 3000}/tcp` && performance.now() >= listensFrom,
    });
  const ports: PortBinding[] = [];
  for (const binding of toPortBindings(container)) {
    try {
      const listener = await listen(binding);
      listeners.push(listener);
      ports.push({ ...binding, hostPort: listener.port });
    } catch (error) {
      unpublish();
      throw toStartFailure(starting, binding, error);
    }
  }
  if (behaviour.exitsAfterMs !== undefined) {
    exit = setTimeout(() => starting.onExit(behaviour.exitCode ?? 0), behaviour.exitsAfterMs);
  }
  return {
    ports,
    behaviour,
    publish: async (on) => {
      unpublish();
      // A port that a stranger took meanwhile stays his; the container runs on without it.
      const opened = on && !ended ? await Promise.allSettled(ports.map(listen)) : [];
      listeners = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      if (ended) unpublish();
    },
    end: () => {
      ended = true;
      clearTimeout(exit);
      unpublish();
    },
  };
}
