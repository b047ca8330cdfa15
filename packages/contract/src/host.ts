import { z } from 'zod';

const time = z.iso.datetime();
const maybeTime = time.nullable();

/** A machine that containers and connectors run on. */
export const host = z
  .object({
    id: z.string(),
    state: z
      .enum(['ready', 'draining', 'down'])
      .meta({ description: 'only a host that is ready, and has no problem, gets further sites' }),
    draining: z
      .boolean()
      .meta({ description: 'an operator wants it to get no further sites, whether it is down or not' }),
    reason: z.string().nullable().meta({ description: 'why it is down, a constant: LeaseExpired or WorkerMissing' }),
    message: z.string().meta({ description: 'a sentence to act on' }),
    leases: z
      .object({ containers: maybeTime, connectors: maybeTime, health: maybeTime })
      .meta({ description: 'until when its container-, its tunnel- and its health-workers have vouched for it' }),
    seenAt: time,
    ports: z.object({ total: z.int(), free: z.int() }),
    memory: z
      .object({ totalBytes: z.number(), overcommit: z.number(), placedBytes: z.number(), freeBytes: z.number() })
      .meta({ description: 'each site takes the limit of its container and 45 MB for its connector' }),
    problem: z.string().nullable().meta({
      description:
        'why it gets no further sites although it is alive: HostUnprotected or HostNotReady, and a sentence to act on',
    }),
    warning: z.string().nullable().meta({
      description: 'what is wrong with it although it takes sites: nobody looks after them, and a sentence to act on',
    }),
    cpus: z.number().nullable(),
    labels: z.record(z.string(), z.string()),
    versions: z.record(z.string(), z.string()),
    sites: z.int(),
    incident: z.object({ id: z.string(), reason: z.string(), message: z.string(), since: time }).nullable(),
  })
  .meta({ id: 'Host' });

export const hostDetail = host
  .extend({
    placements: z.array(
      z.object({ site: z.string(), domain: z.string(), port: z.int(), wanted: z.string(), live: z.boolean() }),
    ),
    events: z
      .array(z.object({ type: z.string(), message: z.string(), requestedBy: z.string().nullable(), at: time }))
      .meta({ description: 'the latest 50, the newest first' }),
  })
  .meta({ id: 'HostDetail' });

export const hostChange = z
  .strictObject({
    state: z.enum(['ready', 'draining']).meta({ description: 'draining: what is there stays, nothing new comes' }),
  })
  .meta({ id: 'HostChange' });

export type Host = z.output<typeof host>;
export type HostDetail = z.output<typeof hostDetail>;
export type HostChange = z.output<typeof hostChange>;
