import { type Container, toLabels } from './container.ts';
import { type LogLine, toFrame } from './container-logs.ts';
import { toContainerInspect, toContainerSummary, toStats } from './container-view.ts';
import { EngineError } from './engine-error.ts';
import { secondsToNanos } from './engine-time.ts';
import { type Filters, matchesAny, matchesLabels, matchesName, parseFilters } from './filters.ts';
import { toProcessTable } from './process-table.ts';
import { type Answer, type Call, empty, isOn, json, type Route, untilAborted } from './route.ts';

const known = ['ancestor', 'id', 'label', 'name', 'network', 'status', 'before', 'exited', 'health', 'since', 'volume'];

function matches(filters: Filters, container: Container): boolean {
  return (
    matchesLabels(filters, toLabels(container)) &&
    matchesAny(filters, 'id', (id) => container.id.startsWith(id)) &&
    matchesAny(filters, 'name', (name) => matchesName(name, container.name)) &&
    matchesAny(filters, 'status', (status) => status === container.state.status) &&
    matchesAny(filters, 'ancestor', (image) => [container.imageReference, container.imageId].includes(image)) &&
    matchesAny(filters, 'network', (network) => container.networks.includes(network))
  );
}

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.get('filters'), known);
  const all = isOn(query, 'all') || filters.has('status');
  const found = engine
    .list()
    .filter((container) => all || ['running', 'restarting'].includes(container.state.status))
    .filter((container) => matches(filters, container))
    .reverse();
  const limit = Number(query.get('limit') ?? '0');
  return json((limit > 0 ? found.slice(0, limit) : found).map((container) => toContainerSummary(engine, container)));
}

const toGrace = (query: URLSearchParams): number | undefined => {
  const seconds = query.get('t');
  return seconds === null || seconds === '' ? undefined : Number(seconds);
};

function logs({ engine, name, query, signal }: Call): Answer {
  const container = engine.get(name);
  if (!isOn(query, 'stdout') && !isOn(query, 'stderr')) {
    throw new EngineError(400, 'Bad parameters: you must choose at least one stream');
  }
  const tail = query.get('tail');
  const since = secondsToNanos(query.get('since'));
  const isAsked = ({ stream, nanos }: LogLine) => isOn(query, stream === 1 ? 'stdout' : 'stderr') && nanos >= since;
  const lines = engine.logs.of(container.id).filter(isAsked);
  const shown = tail === null || tail === 'all' ? lines : lines.slice(Math.max(0, lines.length - Number(tail)));
  return {
    kind: 'stream',
    contentType: 'application/vnd.docker.raw-stream',
    run: async (write) => {
      const send = (line: LogLine) => write(toFrame(line, isOn(query, 'timestamps')));
      shown.forEach(send);
      if (isOn(query, 'follow') && container.state.status === 'running') {
        const unwatch = engine.logs.watch(container.id, (line) => isAsked(line) && send(line));
        await Promise.race([engine.waitForExit(container), untilAborted(signal)]);
        unwatch();
      }
    },
  };
}

function wait({ engine, name, query, signal }: Call): Answer {
  const container = engine.get(name);
  const ended = ['created', 'exited'].includes(container.state.status) && query.get('condition') !== 'next-exit';
  return {
    kind: 'stream',
    contentType: 'application/json',
    run: async (write) => {
      const code = ended
        ? container.state.exitCode
        : await Promise.race([engine.waitForExit(container), untilAborted(signal)]);
      write(`${JSON.stringify({ Error: null, StatusCode: code ?? 0 })}\n`);
    },
  };
}

function top({ engine, name, query }: Call): Answer {
  const container = engine.get(name);
  return json(toProcessTable(container, engine.processOf(container), query.get('ps_args') ?? '-ef'));
}

function stats({ engine, name, query, signal }: Call): Answer {
  const container = engine.get(name);
  if (query.get('stream') === 'false' || query.get('stream') === '0') {
    return json(toStats(container));
  }
  return {
    kind: 'stream',
    contentType: 'application/json',
    run: async (write) => {
      const timer = setInterval(() => write(`${JSON.stringify(toStats(container))}\n`), 1000);
      write(`${JSON.stringify(toStats(container))}\n`);
      await untilAborted(signal);
      clearInterval(timer);
    },
  };
}

const post = (verb: string, act: (call: Call, container: Container) => void | Promise<void>): Route => ({
  method: 'POST',
  pattern: new RegExp(`^/containers/([^/]+)/${verb}$`),
  answer: async (call) => {
    await act(call, call.engine.get(call.name));
    return empty();
  },
});

const get = (verb: string, answer: Route['answer']): Route => ({
  method: 'GET',
  pattern: new RegExp(`^/containers/([^/]+)/${verb}$`),
  answer,
});

export const containerRoutes: Route[] = [
  { method: 'GET', pattern: /^\/containers\/json$/, answer: list },
  {
    method: 'POST',
    pattern: /^\/containers\/create$/,
    answer: ({ engine, query, body }) => {
      const container = engine.create(query.get('name')?.replace(/^\//, '') ?? undefined, body);
      return json({ Id: container.id, Warnings: [] }, 201);
    },
  },
  get('json', ({ engine, name }) => json(toContainerInspect(engine, engine.get(name)))),
  get('logs', logs),
  get('top', top),
  get('stats', stats),
  post('start', ({ engine }, container) => engine.start(container)),
  post('stop', ({ engine, query }, container) => engine.stop(container, toGrace(query))),
  post('restart', ({ engine, query }, container) => engine.restart(container, toGrace(query))),
  post('kill', ({ engine, query }, container) => engine.kill(container, query.get('signal') ?? 'SIGKILL')),
  post('rename', ({ engine, query }, container) => engine.rename(container, query.get('name') ?? '')),
  { method: 'POST', pattern: /^\/containers\/([^/]+)\/wait$/, answer: wait },
  {
    method: 'DELETE',
    pattern: /^\/containers\/([^/]+)$/,
    answer: ({ engine, name, query }) => {
      engine.remove(engine.get(name), isOn(query, 'force'));
      return empty();
    },
  },
];
