import { z } from 'zod';
import { webhookEventTypes } from './webhook-events.ts';

const time = z.iso.datetime();
const url = z.url({ protocol: /^https?$/, error: 'must be a URL beginning with https://' }).max(2000);
const description = z.string().trim().max(200);
const eventTypes = z
  .array(z.enum(webhookEventTypes))
  .max(50)
  .meta({ description: 'what is sent there; nothing named: everything' });

/** A place that webhooks are sent to. */
export const webhookEndpoint = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(z.string()),
    enabled: z.boolean(),
    disabledReason: z.string().nullable(),
    formerSecretUntil: time
      .nullable()
      .meta({ description: 'until then messages carry a signature by each of two secrets' }),
    createdAt: time,
  })
  .meta({ id: 'WebhookEndpoint' });

/** With its secret, which is shown once. */
export const webhookEndpointWithSecret = webhookEndpoint
  .extend({ secret: z.string().meta({ description: 'verifies messages; shown this once', example: 'whsec_…' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });

export const webhookEndpointRequest = z
  .strictObject({ url, description: description.default(''), eventTypes: eventTypes.default([]) })
  .meta({ id: 'WebhookEndpointRequest' });

export const webhookEndpointChange = z
  .strictObject({
    url: url.optional(),
    description: description.optional(),
    eventTypes: eventTypes.optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'WebhookEndpointChange' });

export const webhookSecretRequest = z
  .strictObject({
    formerValidHours: z
      .number()
      .min(0)
      .max(168)
      .default(24)
      .meta({ description: 'how long the former secret signs too' }),
  })
  .meta({ id: 'WebhookSecretRequest' });

export type WebhookEndpoint = z.output<typeof webhookEndpoint>;
export type WebhookEndpointWithSecret = z.output<typeof webhookEndpointWithSecret>;
export type WebhookEndpointRequest = z.output<typeof webhookEndpointRequest>;
export type WebhookEndpointChange = z.output<typeof webhookEndpointChange>;
