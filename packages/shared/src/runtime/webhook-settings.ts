import { z } from 'zod';
import { type AddressGuard, makeAddressGuard, type Network, parseNetwork } from '../domain/private-address.ts';

/** The settings of whoever takes webhook endpoints in, or sends to them. */
export const webhookSettings = {
  WEBHOOK_ALLOW_PRIVATE: z
    .string()
    .default('')
    .transform((text, context): AddressGuard => makeAddressGuard(parseNetworks(text, context)))
    .describe(
      'private addresses and networks that webhooks may be sent to, separated by commas (`10.1.0.0/16,::1`); only there also without TLS. Else none is',
    ),
};

function parseNetworks(text: string, context: z.RefinementCtx): Network[] {
  const named = text.split(',').filter((part) => part.trim() !== '');
  return named.flatMap((part) => {
    const network = parseNetwork(part);
    if (!network) context.addIssue({ code: 'custom', message: `${part.trim()} is no address and no network` });
    return network ?? [];
  });
}
