import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { settled } from '../domain/outcome.ts';
import { makeConditions } from '../testing/condition-rows.ts';
import { makeTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { type Context, openContext } from './context.ts';
import { silentLog } from './log.ts';
import { Secret } from './secret.ts';
import { rootIdsOf, startTracing, traced, tracedAsRoot, wantsTraces } from './tracing.ts';
import { startWorker } from './worker.ts';

interface SentSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string }[];
  status: { code: number; message?: string };
}

const CAUSE = 'request-0001';

describe('tracing, where the standard variables ask for it,', () => {
  let database: TestDatabase;
  let context: Context;
  let collector: Server;
  const spans: SentSpan[] = [];
  const services = new Set<string>();

  beforeAll(async () => {
    collector = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
        for (const { key, value } of resource.attributes) if (key === 'service.name') services.add(value.stringValue);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
      response.setHeader('Content-Type', 'application/json').end('{}');
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
    const stopTracing = await startTracing('tests', { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    database = await makeTestDatabase();
    context = await openContext({
      databaseUrl: new Secret(database.url),
      secretsKey: new Secret(randomBytes(32).toString('base64')),
      log: silentLog,
    });
    const [row] = await makeConditions(context.db);
    const { conditionId = '', siteId = '' } = row ?? {};
    await context.db.pool.query('update site_conditions set due_at = null, cause_id = $2 where id = $1', [
      conditionId,
      CAUSE,
    ]);
    let working: Promise<void> | undefined;
    const done = new Promise<void>((resolve) => {
      working = startWorker({
        context,
        log: silentLog,
        serves: {
          domain: {
            zone: async () => {
              await traced('GET /zones', null, {}, async () => undefined);
              resolve();
              return settled('Fine');
            },
          },
        },
      }).then(async (worker) => {
        await tracedAsRoot('POST', CAUSE, {}, async (span) => {
          context.hints.send(await context.protocol.wake(siteId, ['zone'], CAUSE));
          await context.hints.flush();
          span.end();
        });
        await done;
        await worker.drain(2000);
      });
    });
    await done;
    await traced('fails', CAUSE, {}, () => Promise.reject(new Error('licence key ABC'))).catch(() => undefined);
    await vi.waitFor(async () => expect(await context.queues?.open('domain').getCompletedCount()).toBe(1), 20_000);
    await working;
    await context.close();
    await stopTracing();
  });
  afterAll(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    collector.closeAllConnections();
    collector.close();
    await database.drop();
  });

  const named = (name: string) => spans.filter((span) => span.name === name);

  test('makes one trace of a request and of all that it causes', () => {
    const { traceId, spanId } = rootIdsOf(CAUSE);
    expect(named('POST')).toMatchObject([{ traceId, spanId }]);
    expect(named('reconcile zone')).toMatchObject([{ traceId, parentSpanId: spanId }]);
    expect(named('GET /zones')).toMatchObject([{ traceId, parentSpanId: named('reconcile zone')[0]?.spanId }]);
    expect([...services]).toEqual(['tests']);
  });

  test('shows the job between them', () => {
    const { traceId } = rootIdsOf(CAUSE);
    const ofCause = spans.filter((span) => span.traceId === traceId).map((span) => span.name);
    expect(ofCause).toEqual(expect.arrayContaining(['addBulk domain', 'process domain']));
  });

  test("says that something failed, and not what an answer's text said", () => {
    expect(named('fails')).toMatchObject([{ status: { code: 2, message: 'Error' } }]);
  });
});

describe('wantsTraces', () => {
  test('is off unless one of the standard variables asks, and where they say no', () => {
    expect(wantsTraces({})).toBe(false);
    expect(wantsTraces({ OTEL_SERVICE_NAME: 'api' })).toBe(false);
    expect(wantsTraces({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' })).toBe(false);
    expect(wantsTraces({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' })).toBe(false);
    expect(wantsTraces({ OTEL_TRACES_EXPORTER: 'otlp' })).toBe(true);
    expect(wantsTraces({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x' })).toBe(true);
  });
});
