import { z } from 'zod';
import { siteState } from './order.ts';

const time = z.iso.datetime();

const percentiles = z.object({
  sites: z.int(),
  p50Seconds: z.number().nullable(),
  p95Seconds: z.number().nullable(),
});

const latency = z.object({
  sites: z.int(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
});

/** Numbers for who looks at all sites at once. */
export const overview = z
  .object({
    at: time,
    sites: z.partialRecord(siteState, z.int()).meta({ description: 'sites that are not gone, by state' }),
    attention: z
      .array(
        z.object({
          site: z.string(),
          domain: z.string(),
          aspect: z.string(),
          reason: z.string(),
          message: z.string(),
          since: time,
        }),
      )
      .meta({
        description:
          'what needs an operator or is down, the longest first, and then the orders whose customers have taken their time for too long; fifty at most',
      }),
    customersTurn: z
      .object({ days: z.int(), sites: z.int() })
      .meta({ description: 'orders younger than so many days that wait for nobody but their customers' }),
    incidents: z.array(
      z.object({
        kind: z.string(),
        host: z.string().nullable(),
        site: z.string().nullable(),
        reason: z.string(),
        message: z.string(),
        since: time,
      }),
    ),
    latency: z.object({ container: latency, edge: latency }).meta({
      description:
        "how fast sites that are well answered when they were looked at last, on their host and through Cloudflare's edge",
    }),
    toLive: z
      .object({ days: z.int(), fromOrder: percentiles, fromActive: percentiles })
      .meta({ description: 'how long the sites that went live in the last days took' }),
  })
  .meta({ id: 'Overview' });

export type Overview = z.output<typeof overview>;
