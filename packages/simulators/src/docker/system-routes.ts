import { hostCpus } from './check-host-config.ts';
import { secondsToNanos } from './engine-time.ts';
import { type EngineEvent, toEventMessage } from './event-log.ts';
import { type Filters, matchesAny, matchesLabels, parseFilters } from './filters.ts';
import { type Answer, type Call, json, type Route, untilAborted } from './route.ts';

const version = '20.10.24';
/** What a timer can wait for at most. */
const LONGEST_MS = 2 ** 31 - 1;

function toVersion(): object {
  return {
    Platform: { Name: 'Docker Engine - simulated' },
    Components: [{ Name: 'Engine', Version: version, Details: { ApiVersion: '1.41', MinAPIVersion: '1.12' } }],
    Version: version,
    ApiVersion: '1.41',
    MinAPIVersion: '1.12',
    GitCommit: '0000000',
    GoVersion: 'go1.19.8',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.1.0',
  };
}

function info({ engine }: Call, rootDir: string): Answer {
  const containers = engine.list();
  const running = containers.filter((container) => container.state.status === 'running').length;
  return json({
    ID: 'BERTH:SIMULATED',
    Name: 'simulated',
    Containers: containers.length,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: containers.length - running,
    Images: engine.images.list().length,
    Driver: 'overlay2',
    DockerRootDir: rootDir,
    LiveRestoreEnabled: engine.liveRestore,
    SecurityOptions: ['name=seccomp,profile=default'],
    CgroupDriver: 'cgroupfs',
    CgroupVersion: '1',
    NCPU: hostCpus,
    MemTotal: 25_000_000_000,
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    OSType: 'linux',
    Architecture: 'x86_64',
    ServerVersion: version,
    Warnings: null,
  });
}

/** `since` and `until` are seconds since 1970, with decimals, or RFC 3339. */
function toNanos(text: string): bigint {
  return /^\d+(\.\d*)?$/.test(text) ? secondsToNanos(text) : BigInt(Date.parse(text)) * 1_000_000n;
}

function matches(filters: Filters, event: EngineEvent): boolean {
  return (
    matchesAny(filters, 'type', (type) => type === event.type) &&
    matchesAny(filters, 'event', (action) => action === event.action) &&
    matchesAny(filters, event.type, (name) => [event.id, event.attributes.name].includes(name)) &&
    matchesLabels(filters, event.attributes)
  );
}

function events({ engine, query, signal }: Call): Answer {
  const known = ['config', 'container', 'daemon', 'event', 'image', 'label', 'network', 'type', 'volume', 'scope'];
  const filters = parseFilters(query.get('filters'), known);
  const since = query.get('since');
  const until = query.get('until');
  return {
    kind: 'stream',
    contentType: 'application/json',
    run: async (write) => {
      const send = (event: EngineEvent): void => {
        if (matches(filters, event)) {
          write(`${toEventMessage(event)}\n`);
        }
      };
      for (const event of since === null ? [] : engine.events.since(toNanos(since))) {
        send(event);
      }
      const leave = engine.events.listen(send);
      // Not `AbortSignal.timeout` within `AbortSignal.any`: it is lost where memory is collected (`call-deadline.ts` of the contract).
      const ends = new AbortController();
      const endsIn = until === null ? undefined : Number(toNanos(until) / 1_000_000n) - Date.now();
      const timer = endsIn === undefined ? undefined : setTimeout(() => ends.abort(), Math.min(endsIn, LONGEST_MS));
      await Promise.race([untilAborted(signal), untilAborted(ends.signal)]);
      clearTimeout(timer);
      leave();
    },
  };
}

/** What the Engine says of itself and of what happens. @param rootDir where it keeps its images, as it says */
export const makeSystemRoutes = (rootDir: string): Route[] => [
  { method: 'GET', pattern: /^\/_ping$/, answer: () => ({ kind: 'text', status: 200, body: 'OK' }) },
  { method: 'HEAD', pattern: /^\/_ping$/, answer: () => ({ kind: 'empty', status: 200 }) },
  { method: 'GET', pattern: /^\/version$/, answer: () => json(toVersion()) },
  { method: 'GET', pattern: /^\/info$/, answer: (call) => info(call, rootDir) },
  { method: 'GET', pattern: /^\/events$/, answer: events },
];
