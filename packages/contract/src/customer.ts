import { z } from 'zod';
import { language } from './identity.ts';

/** How a customer is written to. */
export const customerContact = z
  .object({
    customer: z.string(),
    name: z.string(),
    email: z.string().meta({ description: "as the order system said; who has this mailbox sees the customer's sites" }),
    language,
    notify: z
      .boolean()
      .meta({ description: 'whether Berth writes when something has to be done, and when a site is down' }),
  })
  .meta({ id: 'CustomerContact' });

export const customerContactChange = z
  .strictObject({ language, notify: z.boolean() })
  .meta({ id: 'CustomerContactChange' });

export type CustomerContact = z.output<typeof customerContact>;
