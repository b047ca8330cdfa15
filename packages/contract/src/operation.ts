import { z } from 'zod';
import { containerProfile, wishedPort } from './order.ts';

/** Where a step stands in the queue of those who work on it. */
export const queuePlace = z
  .object({
    name: z.string(),
    ahead: z.int().meta({ description: 'how many come before it; 1000 at most' }),
    waitedSeconds: z.number(),
    cause: z.enum(['in-work', 'next', 'others-first', 'nobody-works']).meta({
      description:
        'in-work: a worker has taken it; next: a worker takes it at once; others-first: others are before it; nobody-works: no worker of this queue has taken anything for a while',
    }),
  })
  .meta({ id: 'QueuePlace' });

/** One aspect on an operation's way. */
export const step = z
  .object({
    aspect: z.string(),
    status: z.enum(['pending', 'running', 'waiting', 'done']),
    reason: z.string(),
    message: z.string(),
    since: z.iso.datetime(),
    tries: z.int(),
    queue: queuePlace.nullable().meta({ description: 'null while nothing is to be done about it' }),
  })
  .meta({ id: 'OperationStep' });

/** Who asked for what, and how far it is; computed when it is read. */
export const operation = z
  .object({
    id: z.string(),
    kind: z.enum(['order', 'restart', 'deploy', 'confirm', 'delete', 'create-tunnel', 'delete-tunnel']),
    target: z.string().nullable(),
    site: z.string(),
    status: z.enum(['running', 'succeeded', 'failed', 'canceled']),
    done: z.boolean(),
    waitingFor: z.string().nullable().meta({ description: 'what a person must do, if anything' }),
    steps: z.array(step),
    createdAt: z.iso.datetime(),
    url: z.string(),
  })
  .meta({ id: 'Operation' });

export const restartRequest = z
  .strictObject({ target: z.enum(['container', 'tunnel']) })
  .meta({ id: 'RestartRequest' });

export const deployRequest = z
  .strictObject({
    image: z.string().min(1).max(512),
    licenseKey: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: 'the one that the site has, where it is left out; required for a first container' }),
    profile: containerProfile.optional(),
    port: wishedPort.optional(),
    create: z.boolean().default(false).meta({
      description: 'a site that is not there is made, of a container alone; takes a key with the scope operator',
    }),
  })
  .meta({ id: 'DeployRequest' });

export const confirmationRequest = z.strictObject({}).meta({ id: 'ConfirmationRequest' });

export const deletionRequest = z
  .strictObject({
    domain: z.string().min(1).max(253).nullable().meta({
      description: "the site's domain, once more; null for a site of a container alone",
    }),
  })
  .meta({ id: 'DeletionRequest' });

export type DeployRequest = z.output<typeof deployRequest>;
export type Operation = z.output<typeof operation>;
export type QueuePlace = z.output<typeof queuePlace>;
export type OperationStep = z.output<typeof step>;
