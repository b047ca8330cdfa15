import { z } from 'zod';

const time = z.iso.datetime({ offset: true });

/** A time in which operators and customers are told of nothing that goes wrong. */
export const maintenanceWindow = z
  .object({
    id: z.uuid(),
    scope: z.enum(['all', 'host', 'site']),
    host: z.string().nullable(),
    site: z.string().nullable(),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    active: z.boolean(),
    reason: z.string(),
    createdAt: z.iso.datetime(),
    canceledAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'MaintenanceWindow' });

export const maintenanceRequest = z
  .strictObject({
    host: z.string().min(1).max(32).optional().meta({ description: 'one host and all that is on it' }),
    site: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .meta({ description: 'one site, by its key; neither host nor site: all' }),
    startsAt: time.optional().meta({ description: 'now, when not given' }),
    endsAt: time,
    reason: z.string().trim().min(1).max(200).meta({ description: 'is told in the summary afterwards' }),
  })
  .refine(({ host, site }) => host === undefined || site === undefined, {
    path: ['site'],
    message: 'cannot be given together with host',
  })
  .meta({ id: 'MaintenanceRequest' });

export type MaintenanceWindow = z.output<typeof maintenanceWindow>;
export type MaintenanceRequest = z.output<typeof maintenanceRequest>;
