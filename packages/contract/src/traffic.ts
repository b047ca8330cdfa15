import { z } from 'zod';

const time = z.iso.datetime();
const count = z.number().int().min(0);
const maybeCount = count.nullable();

/** Which part of a site's traffic is wanted. */
export const trafficQuery = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional().meta({ description: 'seven days before `to` when absent' }),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'now when absent; excluded' }),
  bucket: z.enum(['hour', 'day']).optional().meta({
    description: 'days (UTC) when absent and more than seven days are asked for; hours of 31 days at most, days of 400',
  }),
});

export const trafficBucket = z
  .object({
    at: time.meta({ description: "the hour's or day's begin (UTC)" }),
    requests: count,
    bytes: count,
    cachedRequests: maybeCount,
    cachedBytes: maybeCount,
    visitors: maybeCount.meta({ description: 'of a day: the sum of its hours; who comes in two hours counts twice' }),
    statuses: z.record(z.string(), count).nullable().meta({ description: 'requests by class, such as 2xx' }),
    complete: z.boolean().meta({ description: 'false while it lasts, and until it was read after its end' }),
  })
  .meta({ id: 'TrafficBucket' });

/** What visitors of a site did, as Cloudflare counts it. */
export const siteTraffic = z
  .object({
    site: z.string(),
    from: time,
    to: time,
    bucket: z.enum(['hour', 'day']),
    notInPlan: z
      .array(z.enum(['requests', 'bytes', 'cache', 'visitors', 'statuses', 'countries']))
      .meta({ description: "what the plan of the domain's zone does not give" }),
    readUntil: time.nullable().meta({ description: 'how far it was read; null: not yet' }),
    totals: z.object({
      requests: count,
      bytes: count,
      cachedRequests: maybeCount,
      cachedBytes: maybeCount,
      visitors: maybeCount,
      statuses: z.record(z.string(), count).nullable(),
    }),
    data: z
      .array(trafficBucket)
      .meta({ description: 'hours that nobody could read are left out; those without a visit are not' }),
    countries: z
      .array(z.object({ country: z.string(), requests: count }))
      .nullable()
      .meta({ description: 'at most 50, those with most requests first; XX where it is not known' }),
  })
  .meta({ id: 'SiteTraffic' });

export type TrafficQuery = z.output<typeof trafficQuery>;
export type SiteTraffic = z.output<typeof siteTraffic>;
