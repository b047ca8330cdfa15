import { z } from 'zod';
import { page } from './routes/route-spec.ts';

/** Requests of visitors that were alike within a second. */
export const siteRequest = z
  .object({
    id: z.string().meta({ description: "tells it apart from a site's others" }),
    at: z.iso.datetime().meta({ description: 'the second' }),
    host: z.string(),
    method: z.string(),
    path: z.string().meta({ description: 'without the query' }),
    status: z.number().int(),
    country: z.string().meta({ description: 'two letters; XX where it is not known' }),
    network: z
      .string()
      .nullable()
      .meta({ description: "the network that the visitor's address is in; whole addresses are not kept" }),
    requests: z
      .number()
      .int()
      .min(0)
      .meta({ description: 'so many it stands for: of a busy site only a sample is known' }),
    bytes: z.number().int().min(0),
  })
  .meta({ id: 'SiteRequest' });

/** Which requests are wanted. */
export const requestQuery = page.extend({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional().meta({ description: 'excluded' }),
  path: z.string().min(1).max(200).optional().meta({ description: 'paths that hold this text, in whatever case' }),
  status: z
    .string()
    .regex(/^[1-5](\d\d|xx)$/, 'must be a status such as 404, or a class of them such as 5xx')
    .optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters, such as DE')
    .optional(),
  address: z
    .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'must be an address or a network, such as 192.0.2.0/24')
    .optional()
    .meta({ description: 'visitors of the network that this address or network is in' }),
});

/** A page of a site's requests, the newest first, and where they come from. */
export const siteRequests = z
  .object({
    data: z.array(siteRequest),
    nextCursor: z.string().nullable().meta({
      description:
        'where to look on; null: everything was looked at. Of a filter that fits few requests a page may hold fewer than `limit`, or none, and yet there may be more behind the cursor',
    }),
    source: z.enum(['sample', 'logpush', 'nothing']).meta({
      description:
        "sample: a part of the requests, as Cloudflare's analytics give it; logpush: Cloudflare pushes the whole log elsewhere, and nothing new comes here; nothing: the plan gives none",
    }),
    destination: z.string().nullable().meta({ description: 'where the whole log is pushed to; null to customers' }),
    readUntil: z.iso.datetime().nullable().meta({ description: 'how far the sample was read; null: not yet' }),
    skippedAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'when it was last so much that a part was left out; null: never' }),
  })
  .meta({ id: 'SiteRequests' });

export type SiteRequest = z.output<typeof siteRequest>;
export type RequestQuery = z.output<typeof requestQuery>;
export type SiteRequests = z.output<typeof siteRequests>;
