import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { aspectNames } from '@berth/shared/domain/aspects';
import { rootIdsOf } from '@berth/shared/runtime/tracing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wholeOrder } from './support/api-client.ts';
import { type ServiceProcess, serviceProcess } from './support/service-process.ts';
import { until } from './support/until.ts';
import { openWorld, type World } from './support/world.ts';

interface SentSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
}

const API_PORT = '18447';
const REQUEST_ID = 'order-to-live-0001';
const NAMES = ['api', 'domain-watcher', 'container-worker', 'tunnel-worker'];

let world: World;
let services: ServiceProcess[] = [];
let collector: Server;
const spans: SentSpan[] = [];

/** Takes what OpenTelemetry's exporter sends: OTLP over HTTP, as JSON. */
function startCollector(): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/v1/traces') return response.writeHead(404).end();
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      const attributes: { key: string; value: { stringValue?: string } }[] = resource.attributes;
      const service = attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      for (const scope of scopeSpans) for (const span of scope.spans) spans.push({ ...span, service });
    }
    return response.setHeader('Content-Type', 'application/json').end('{}');
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

beforeAll(async () => {
  world = await openWorld();
  collector = await startCollector();
  const environment = {
    ...world.environment,
    API_PORT,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
  services = NAMES.map((name) => serviceProcess(name, `services/${name}/src/main.ts`, environment));
  await Promise.all(services.map((service) => service.start()));
});

afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  collector?.closeAllConnections();
  collector?.close();
  await world?.close();
});

describe('an order on its way to a live site, by services of which each is a process of its own,', () => {
  const { traceId, spanId } = rootIdsOf(REQUEST_ID);
  const ofTrace = () => spans.filter((span) => span.traceId === traceId);
  const named = (name: string) => ofTrace().filter((span) => span.name === name);

  test('goes live', async () => {
    const api = await world.client(`http://127.0.0.1:${API_PORT}`);
    const body = wholeOrder({ orderId: 'traced', domain: 'traced.de', customer: { id: 'traced' } });
    const headers = { 'idempotency-key': 'traced', 'x-request-id': REQUEST_ID };
    expect((await api.ask('POST', '/v1/orders', { body, headers })).status).toBe(202);
    await api.untilState('traced', 'online');
    // What is left is sent when a service stops.
    expect(await Promise.all(services.map((service) => service.stop()))).toEqual(NAMES.map(() => 0));
    await until('the collector has the last step', async () => named('reconcile reachable').length > 0);
  });

  test('is one trace, which begins with the request', () => {
    expect(named('POST createOrder')).toMatchObject([{ service: 'api', spanId }]);
    expect(new Set(ofTrace().map(({ service }) => service))).toEqual(new Set(NAMES));
  });

  test.each([
    ['domain-watcher', ['zone', 'placement']],
    ['container-worker', ['container']],
    ['tunnel-worker', ['tunnel', 'connector', 'policy', 'route', 'reachable']],
  ])('shows in it what the %s did, below the request', (service, aspects) => {
    for (const aspect of aspects) {
      const done = named(`reconcile ${aspect}`);
      expect(done.length, aspect).toBeGreaterThan(0);
      for (const span of done) expect(span, aspect).toMatchObject({ service, parentSpanId: spanId });
    }
  });

  test('leaves no step out', () => {
    const steps = new Set(ofTrace().flatMap(({ name }) => /^reconcile (\w+)$/.exec(name)?.[1] ?? []));
    expect(steps).toEqual(new Set(aspectNames));
  });

  test('shows calls to Cloudflare below the step that made them', () => {
    const steps = new Map(ofTrace().map((span) => [span.spanId, span.name]));
    const calls = ofTrace().filter(({ name }) => /^(GET|POST|PUT|PATCH|DELETE) \/(?!v1\/)/.test(name));
    expect(calls.length).toBeGreaterThan(0);
    for (const { parentSpanId = '', name } of calls) expect(steps.get(parentSpanId), name).toMatch(/^reconcile /);
  });

  test('shows the jobs between the services', () => {
    const jobs = ofTrace().filter(({ name }) => /^(addBulk|process) /.test(name));
    expect(jobs.filter(({ name }) => name === 'addBulk domain')).toMatchObject([{ service: 'api' }]);
    expect(jobs.filter(({ name }) => name === 'process domain').map(({ service }) => service)).toContain(
      'domain-watcher',
    );
  });
});
