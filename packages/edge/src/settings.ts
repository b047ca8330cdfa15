import { setting } from '@berth/shared/runtime/config';
import { z } from 'zod';

/** How the edge is reached by those who look at sites through it; it takes no token. */
export const edgeProbeSettings = {
  EDGE_ADDRESS: z
    .string()
    .regex(/^[\w.-]+:\d{1,5}$/, 'must be host:port')
    .optional()
    .describe("the edge as host:port, instead of asking the zone's name servers"),
  EDGE_CA_FILE: setting.absolutePath().optional().describe('further root certificates for the edge, in PEM'),
};
