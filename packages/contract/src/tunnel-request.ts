import { z } from 'zod';
import { wishedPort } from './order.ts';

/** The tunnel that is wanted of a site. */
export const tunnelRequest = z
  .strictObject({
    domain: z.string().min(1).max(253).meta({ description: 'a registrable domain', example: 'mustermann.de' }),
    port: wishedPort.optional(),
    existingZone: z.boolean().default(false).meta({ description: 'the zone may have been active before' }),
  })
  .meta({ id: 'TunnelRequest' });

export const tunnelDeletionRequest = z
  .strictObject({ domain: z.string().min(1).max(253).meta({ description: "the site's domain, once more" }) })
  .meta({ id: 'TunnelDeletionRequest' });

export type TunnelRequest = z.output<typeof tunnelRequest>;
