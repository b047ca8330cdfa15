import { z } from 'zod';
import { language } from './identity.ts';

/** How a customer is written to. */
export const customerContact = z
  .object({
    customer: z.string(),
    name: z.string(),
    email: z.string().meta({
      description: "as the order system said, or the customer since; who has this mailbox sees the customer's sites",
    }),
    language,
    notify: z
      .boolean()
      .meta({ description: 'whether Berth writes when something has to be done, and when a site is down' }),
  })
  .meta({ id: 'CustomerContact' });

export const customerContactChange = z
  .strictObject({ language, notify: z.boolean() })
  .meta({ id: 'CustomerContactChange' });

export const emailChangeRequest = z
  .strictObject({ email: z.email('must be an e-mail address').max(254) })
  .meta({ id: 'EmailChangeRequest' });

export const emailChangeSent = z.object({ validMinutes: z.int() }).meta({ id: 'EmailChangeSent' });

export const emailChangeConfirmation = z
  .strictObject({ token: z.string().min(16).max(128) })
  .meta({ id: 'EmailChangeConfirmation', description: "what the link in the mail has after '#'" });

export const emailChanged = z
  .object({ email: z.string().meta({ description: 'by which the customer signs in from now on' }) })
  .meta({ id: 'EmailChanged' });

export type CustomerContact = z.output<typeof customerContact>;
