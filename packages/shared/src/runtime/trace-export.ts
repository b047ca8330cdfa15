import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type IdGenerator, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';

/**
 * Registers the SDK for this process: batches, sent by OTLP/HTTP. Everything else is said by the standard variables, which its parts
 * read by themselves (`OTEL_EXPORTER_OTLP_*`, `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`, `OTEL_BSP_*`).
 * @returns sends what is left and ends it
 */
export function startExport({ service, newIds }: { service: string; newIds: IdGenerator }): () => Promise<void> {
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service, 'service.namespace': 'berth' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    idGenerator: newIds,
  });
  provider.register();
  return () => provider.shutdown();
}

/** BullMQ's own way of handing a trace on with a job. */
export function makeQueueTelemetry(): Telemetry {
  return new BullMQOtel({ tracerName: 'berth' }) as Telemetry;
}
