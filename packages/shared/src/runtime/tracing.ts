import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash, randomBytes } from 'node:crypto';
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';
import type { Environment } from './config.ts';

/** The ids of the span with which a cause begins: the request to the API. */
interface RootIds {
  traceId: string;
  spanId: string;
}

/** Set while a root span is begun: the SDK asks for its ids then. */
const beginning = new AsyncLocalStorage<RootIds>();

/**
 * All that follows from one request is one trace, whichever process does it and whether a job or a timer began it: its ids are made
 * from the cause that every row carries.
 */
export function rootIdsOf(causeId: string): RootIds {
  const hash = createHash('sha256').update(causeId).digest('hex');
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48) };
}

/** Runs `work` as the first span of what `causeId` causes. Costs nothing to speak of while tracing is off. */
export function tracedAsRoot<T>(name: string, causeId: string, attributes: Attributes, work: (span: Span) => T): T {
  const span = beginning.run(rootIdsOf(causeId), () =>
    tracer().startSpan(name, { attributes, root: true }, ROOT_CONTEXT),
  );
  return context.with(trace.setSpan(context.active(), span), () => work(span));
}

/** Runs `work` as a span below its cause's first one, or below the span under way where there is no cause. */
export async function traced<T>(
  name: string,
  causeId: string | null,
  attributes: Attributes,
  work: () => Promise<T>,
): Promise<T> {
  const under = trace.getSpanContext(context.active());
  const parent = causeId
    ? trace.setSpanContext(context.active(), { ...rootIdsOf(causeId), traceFlags: TraceFlags.SAMPLED, isRemote: true })
    : context.active();
  // The job that began it, where there was one.
  const links = causeId && under ? [{ context: under }] : [];
  const span = tracer().startSpan(name, { attributes, links }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), work);
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
    throw error;
  } finally {
    span.end();
  }
}

/** Whether the standard variables ask for traces. */
export function wantsTraces(environment: Environment): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT } = environment;
  if (OTEL_SDK_DISABLED === 'true' || OTEL_TRACES_EXPORTER === 'none') return false;
  return Boolean(OTEL_TRACES_EXPORTER || OTEL_EXPORTER_OTLP_ENDPOINT || environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/**
 * Sends spans by OTLP over HTTP where the standard `OTEL_*` variables ask for it; they say where to, with which headers, how many of
 * all traces, and what the service is called. Nothing of it is loaded otherwise.
 * @returns sends what is left and ends it
 */
export async function startTracing(service: string, environment: Environment): Promise<() => Promise<void>> {
  if (!wantsTraces(environment)) return async () => undefined;
  const { startExport, makeQueueTelemetry } = await import('./trace-export.ts');
  telemetry = makeQueueTelemetry();
  return startExport({ service, newIds: { generateTraceId, generateSpanId } });
}

let telemetry: Telemetry | undefined;

/** What BullMQ is given, so that a job is a span below what added it; undefined while tracing is off. */
export function queueTelemetry(): { telemetry?: Telemetry } {
  return telemetry ? { telemetry } : {};
}

function generateTraceId(): string {
  return beginning.getStore()?.traceId ?? randomBytes(16).toString('hex');
}

function generateSpanId(): string {
  return beginning.getStore()?.spanId ?? randomBytes(8).toString('hex');
}

function tracer() {
  return trace.getTracer('berth');
}

/** A message may hold what an answer said: only the error's code goes out. */
function nameOf(error: unknown): string {
  return error instanceof Error ? ('code' in error ? String(error.code) : error.name) : 'unknown';
}
